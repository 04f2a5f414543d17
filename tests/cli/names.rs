//! Names of inputs and outputs: standard streams, archives, URLs, and outputs that cannot be
//! written, which are noticed before anything is computed.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::json;

use crate::support::{Folder, assert_same_bits, can_write, kind, run, skip, terrain, with_gaps};

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &with_gaps(terrain(40, 50, 1)));
    folder
}

#[test]
fn a_dash_is_standard_input_or_output() {
    let folder = folder();
    folder.line(0, "svf_compute -q dem.tif expected.tif --radius 5px");
    let expected = folder.band("expected.tif", 1);
    let bytes = fs::read(folder.path("dem.tif")).unwrap();
    let made = run(&mut folder.command(&["-", "a.tif", "--radius", "5px"]), &bytes);
    assert_eq!(made.code, Some(0), "{made}");
    assert_same_bits(&folder.band("a.tif", 1), &expected, "from a pipe");
    let item = gdal::Metadata::metadata_item(&folder.open("a.tif"), "SVF_INPUT", "");
    assert_eq!(item.unwrap(), "/vsistdin/");
    let made = run(&mut folder.command(&["-", "-", "-q", "--radius", "5px"]), &bytes);
    assert_eq!((made.code, made.stderr.as_str()), (Some(0), ""), "{made}");
    fs::write(folder.path("b.tif"), &made.stdout).unwrap();
    assert_same_bits(&folder.band("b.tif", 1), &expected, "from pipe to pipe");
    // Tiles of a plan, and a list from a pipe.
    folder.line(0, "svf_tile -q dem.tif plan.json --radius 5px --tile-size 32");
    folder.line(0, "svf_compute -q --plan plan.json");
    let joined = folder.line(0, "svf_mosaic -q plan.json -");
    fs::write(folder.path("c.tif"), &joined.stdout).unwrap();
    assert_same_bits(&folder.band("c.tif", 1), &expected, "joined to a pipe");
    let args = ["--input-list", "-", "d.tif", "-q", "--radius", "5px"];
    let listed = run(&mut folder.command(&args), b"dem.tif\n");
    assert_eq!(listed.code, Some(0), "{listed}");
    assert_same_bits(&folder.band("d.tif", 1), &expected, "listed by a pipe");
    let point =
        run(&mut folder.tool("svf_profile", &["point", "-", "-", "--at-cell", "20,20"]), &bytes);
    assert_eq!(point.code, Some(0), "{point}");
    assert!(point.text().contains("\"svf\""), "{point}");
    folder
        .svf(&["dem.tif", "-", "--separate", "--radius", "5px"])
        .assert_refused(2, &["--separate"]);
    let refused = folder.line(2, "svf_tile - p.json");
    assert!(refused.stderr.contains("can only be read once"), "{refused}");
    folder.line(2, "svf_tile dem.tif -");
    folder.line(2, "svf_compute dem.tif o.tif --profile-log -");
    folder.assert_files(&[
        "a.tif",
        "b.tif",
        "c.tif",
        "d.tif",
        "dem.tif",
        "expected.tif",
        "plan.json",
        "plan.tiles",
    ]);
}

#[test]
fn names_that_gdal_does_not_take_get_the_one_that_it_takes() {
    let folder = folder();
    let said = |input: &str, words: &[&str]| {
        folder.svf(&[input, "out.tif"]).assert_refused(1, words);
    };
    said("s3://bucket/dem.tif", &["hint: write it as /vsis3/bucket/dem.tif"]);
    said("gs://bucket/dem.tif", &["/vsigs/bucket/dem.tif"]);
    said("az://box/dem.tif", &["/vsiaz/box/dem.tif"]);
    said("file:///data/dem.tif", &["write only the path: /data/dem.tif"]);
    said("~/no/such/dem.tif", &["outside quotes"]);
    // Archives name what they hold.
    let work = folder.work();
    let script = "import tarfile, zipfile, gzip, shutil
z = zipfile.ZipFile('dem.zip', 'w'); z.write('dem.tif', 'x/dem.tif'); z.writestr('README.txt', 'r'); z.close()
z = zipfile.ZipFile('two.zip', 'w'); z.write('dem.tif', 'a.tif'); z.write('dem.tif', 'b.tif'); z.close()
t = tarfile.open('dem.tgz', 'w:gz'); t.add('dem.tif'); t.close()
shutil.copyfileobj(open('dem.tif', 'rb'), gzip.open('dem.tif.gz', 'wb'))";
    let made = run(&mut folder.in_folder("python3", &["-c", script]), &[]);
    if made.code != Some(0) {
        return skip("no Python here to make archives");
    }
    said("dem.zip", &["hint: it is an archive: write /vsizip/dem.zip/x/dem.tif"]);
    said("two.zip", &["/vsizip/two.zip/a.tif  /vsizip/two.zip/b.tif"]);
    said("dem.tgz", &["/vsitar/dem.tgz/dem.tif"]);
    said("dem.tif.gz", &["/vsigzip/dem.tif.gz"]);
    fs::create_dir(work.join("archives")).unwrap();
    fs::copy(work.join("dem.zip"), work.join("archives/dem.zip")).unwrap();
    said(
        "archives",
        &["its only file is not an elevation raster", "/vsizip/archives/dem.zip/x/dem.tif"],
    );
    // What the hints say works.
    for name in [
        "/vsizip/dem.zip/x/dem.tif",
        "/vsitar/dem.tgz/dem.tif",
        "/vsigzip/dem.tif.gz",
        "/vsizip/dem.zip/x",
    ] {
        folder.ok(&[name, "out.tif", "--overwrite", "--radius", "5px"]);
    }
    // GDAL leaves no notes beside an archive that it only reads.
    assert!(!work.join("dem.tif.gz.properties").exists());
    // A folder within an archive, as one raster of two files over each other.
    folder.ok(&["/vsizip/two.zip", "out.tif", "--overwrite", "--radius", "5px"]);
}

/// Nothing was computed: no progress, and an error.
#[track_caller]
fn refused_at_once(folder: &Folder, code: i32, line: &str, words: &[&str]) {
    let words_of_line = format!("{line} --progress json");
    let run = folder.line(code, &words_of_line);
    let text = if run.stdout.is_empty() { run.stderr.clone() } else { run.text() };
    let events = crate::support::parse_events(&text);
    assert!(events.iter().all(|event| kind(event) != "progress"), "{line}: {run}");
    let said = &events.last().unwrap()["data"];
    let said = format!("{} {}", said["message"], said["hint"]);
    for word in words {
        assert!(said.contains(word), "{line} lacks '{word}': {run}");
    }
}

#[test]
fn outputs_that_cannot_be_written_are_noticed_before_anything_is_computed() {
    let folder = folder();
    let at_once = |code, line: &str, words: &[&str]| refused_at_once(&folder, code, line, words);
    for output in ["/vsicurl/http://127.0.0.1:1/o.tif", "/vsitar/a.tar/o.tif"] {
        at_once(1, &format!("svf_compute dem.tif {output}"), &["cannot write to it", "copy it"]);
        at_once(1, &format!("svf_compute dem.tif {output} --work-dir w"), &["cannot write to it"]);
    }
    at_once(1, "svf_compute dem.tif s3://bucket/o.tif", &["write it as /vsis3/bucket/o.tif"]);
    at_once(1, "svf_compute dem.tif ~/o/o.tif", &["outside quotes"]);
    at_once(1, "svf_compute dem.tif none/o.tif --work-dir w", &["folder none does not exist"]);
    at_once(1, "svf_tile dem.tif p.json --index none/i.gpkg", &["folder none does not exist"]);
    at_once(
        1,
        "svf_profile point dem.tif o.json --at-cell 3,3 --figure none/f.svg",
        &["folder none"],
    );
    at_once(
        1,
        "svf_profile section dem.tif none/o.csv --from 500001,4649990 --to 500030,4649980",
        &["folder none"],
    );
    for dir in ["/vsis3/bucket/w", "/vsimem/w", "s3://bucket/w", "http://host/w", "~/w"] {
        let line = format!("svf_compute dem.tif o.tif --work-dir {dir}");
        at_once(2, &line, &[&format!("--work-dir {dir}: it must be a local folder")]);
    }
    at_once(2, "svf_tile dem.tif p.json --cut /vsimem/c", &["--cut /vsimem/c: it must be a local"]);
    at_once(2, "svf_tile dem.tif s3://bucket/p.json", &["a plan must be a local file"]);
    folder.line(0, "svf_tile -q dem.tif plan.json --radius 5px");
    folder.line(0, "svf_compute -q --plan plan.json");
    at_once(1, "svf_mosaic plan.json /vsicurl/http://127.0.0.1:1/o.tif", &["cannot write to it"]);
    at_once(1, "svf_mosaic plan.json none/o.tif", &["folder none does not exist"]);
    folder.assert_files(&["dem.tif", "plan.json", "plan.tiles"]);
}

/// A server of objects that answers everything with one status; it says what it was asked.
fn server(status: &'static str) -> (String, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (sender, asked) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut request = vec![0; 1 << 16];
            let bytes = stream.read(&mut request).unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..bytes]).into_owned();
            let _ = sender.send(request.lines().next().unwrap_or_default().to_owned());
            let answer =
                format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (address, asked)
}

#[test]
fn a_bucket_that_is_not_there_is_noticed_before_anything_is_computed() {
    let folder = folder();
    let (address, asked) = server("404 Not Found");
    let line = format!(
        "svf_compute dem.tif /vsis3/bucket/o.tif --config AWS_S3_ENDPOINT={address} --config \
         AWS_HTTPS=NO --config AWS_VIRTUAL_HOSTING=FALSE --config AWS_ACCESS_KEY_ID=a --config \
         AWS_SECRET_ACCESS_KEY=b --config GDAL_HTTP_TIMEOUT=5"
    );
    refused_at_once(&folder, 1, &line, &["/vsis3/bucket cannot be written to"]);
    let asked: Vec<String> = asked.try_iter().collect();
    assert!(
        asked.iter().any(|line| line.starts_with("PUT /bucket/.o.tif.svf-check-")),
        "{asked:?}"
    );
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn drivers_that_take_measures_for_colours_are_refused_before_anything_is_computed() {
    let folder = folder();
    let at_once = |line: &str, words: &[&str]| refused_at_once(&folder, 2, line, words);
    if can_write("PNG") {
        let line = "svf_compute dem.tif o.png --radius 5px --ot uint8 --measure";
        at_once(
            &format!("{line} svf,coverage"),
            &["driver PNG would store 2 bands", "alpha", "--separate"],
        );
        at_once(&format!("{line} svf,coverage,visible-sky"), &["3 bands", "red, green, blue"]);
        at_once(
            &format!("{line} svf,svf-cos,coverage,visible-sky --work-dir w"),
            &["4 bands", "red, green, blue, alpha"],
        );
        at_once(&format!("{line} horizon -n 8"), &["driver PNG cannot store 8 bands"]);
        folder.line(0, &format!("{line} svf,coverage --separate -q"));
        let words = ["driver PNG cannot store Float32 cells", "it can store uint8, uint16"];
        at_once("svf_compute dem.tif p.png", &words);
    }
    if can_write("JPEG") {
        let line = "svf_compute dem.tif o.jpg --radius 5px --ot uint8 --measure";
        at_once(&format!("{line} svf,coverage"), &["driver JPEG cannot store 2 bands"]);
        at_once(&format!("{line} svf,coverage,visible-sky"), &["3 bands as the colours"]);
    }
    // Three and four bands of bytes are no colours in these.
    for bands in ["svf,coverage,visible-sky", "svf,svf-cos,coverage,visible-sky"] {
        for (output, of) in [("o.tif", "GTiff"), ("cog.tif", "COG")] {
            let line = format!(
                "svf_compute -q dem.tif {output} --of {of} --ot uint8 --overwrite --radius 5px --measure {bands}"
            );
            folder.line(0, &line);
            assert_eq!(folder.bands(output).len(), bands.split(',').count());
        }
    }
    let events =
        folder.line(0, "svf_compute dem.tif z.tif --of COG --radius 5px --progress json").events();
    assert_eq!(events.last().unwrap()["data"]["outputs"], json!(["z.tif"]));
    assert!(!folder.path("w").exists());
}

#[test]
fn a_blank_around_a_name_is_seen() {
    let folder = folder();
    let refused = folder.svf(&["dem.tif ", "o.tif"]);
    refused.assert_refused(1, &["cannot open 'dem.tif ': No such file or directory"]);
    assert!(
        refused.stderr.contains("there is a file dem.tif: write it without the blank"),
        "{refused}"
    );
    let refused = folder.svf(&[" none.tif", "o.tif"]);
    refused.assert_refused(1, &["cannot open ' none.tif': No such file or directory"]);
    assert!(!refused.stderr.contains("hint"), "{refused}");
    // A blank that belongs to the name.
    fs::copy(folder.path("dem.tif"), folder.path("b.tif ")).unwrap();
    folder.ok(&["b.tif ", "o.tif", "--radius", "5px"]);
}

#[test]
fn a_list_from_a_pipe_by_its_other_name() {
    let folder = folder();
    for list in ["-", "/dev/stdin"] {
        let args = ["--input-list", list, "d.tif", "-q", "--radius", "5px", "--overwrite"];
        let listed = run(&mut folder.command(&args), b"dem.tif\n");
        assert_eq!(listed.code, Some(0), "{list}: {listed}");
    }
}

/// The tiles of a plan are found beside it.
#[test]
fn a_plan_from_a_pipe_is_refused() {
    let folder = folder();
    folder.line(0, "svf_tile -q dem.tif plan.json --radius 5px --tile-size 32");
    for (tool, words) in [
        ("svf_mosaic", "\"$@\" <(cat plan.json) o.tif"),
        ("svf_compute", "\"$@\" --plan <(cat plan.json)"),
    ] {
        let refused = run(&mut folder.tool_in_shell(words, tool, &[] as &[&str]), &[]);
        refused.assert_refused(1, &["cannot read the plan /dev/fd/", "it is a pipe or a device"]);
        assert!(refused.stderr.contains("write the name of the plan's file"), "{refused}");
    }
}

#[test]
fn a_link_that_leads_nowhere_is_named_with_what_to_do() {
    let folder = folder();
    fs::create_dir(folder.path("in")).unwrap();
    fs::copy(folder.path("dem.tif"), folder.path("in/a.tif")).unwrap();
    std::os::unix::fs::symlink("/nowhere/b.tif", folder.path("in/b.tif")).unwrap();
    let refused = folder.line(1, "svf_compute in o.tif");
    assert!(refused.stderr.contains("1 of 2 files is not there: in/b.tif"), "{refused}");
    let hint = "in/b.tif is a link to a file that is not there: delete the link";
    assert!(refused.stderr.contains(hint), "{refused}");
}

/// Without its database, PROJ knows no codes: the CRS of an output would be another one.
#[test]
fn the_database_of_proj_is_named_where_it_is_missing() {
    let folder = folder();
    folder.line(0, "svf_tile -q dem.tif plan.json --radius 5px");
    folder.line(0, "svf_compute -q --plan plan.json");
    let bare = ["-q", "-co", "PROFILE=BASELINE", "dem.tif", "bare.tif"];
    assert!(folder.in_folder("gdal_translate", &bare).status().unwrap().success());
    let _ = fs::remove_file(folder.path("bare.tif.aux.xml"));
    let without = |line: &str| {
        let (tool, words) = line.split_once(' ').unwrap();
        let words: Vec<&str> = words.split(' ').collect();
        let mut command = folder.tool(tool, &words);
        run(command.env("PROJ_LIB", "/nowhere").env("PROJ_DATA", "/nowhere"), &[])
    };
    for (line, file) in [
        ("svf_compute dem.tif o.asc --radius 5px", "open dem.tif"),
        ("svf_tile dem.tif p.json", "open dem.tif"),
        ("svf_mosaic plan.json o.tif", "open o.tif"),
        ("svf_profile point dem.tif --at-cell 5,5", "open dem.tif"),
    ] {
        let refused = without(line);
        let said = format!("cannot {file}: its CRS cannot be used, because PROJ cannot open");
        refused.assert_refused(1, &[&said, "its database proj.db"]);
        assert!(refused.stderr.contains("set PROJ_DATA"), "{line}: {refused}");
        assert_eq!(refused.stderr.lines().count(), 2, "{line}: {refused}");
    }
    // One that is added to it, and cannot be read.
    let mut added = folder.tool("svf_compute", &["dem.tif", "o.tif", "--radius", "5px"]);
    let refused = run(added.env("PROJ_AUX_DB", "/nowhere.db"), &[]);
    let said = "its database proj.db together with PROJ_AUX_DB=/nowhere.db";
    refused.assert_refused(1, &[said, "hint: unset PROJ_AUX_DB; if that does not help, install"]);
    // Nothing is needed of it where there is no CRS.
    let run = without("svf_compute bare.tif o.tif --radius 5px");
    assert_eq!(run.code, Some(0), "{run}");
    assert_eq!(without("svf_compute --version --json").code, Some(0));
}
