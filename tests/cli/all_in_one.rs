//! `svf-tools`: all tools in one file.

use crate::support::{Folder, run};

const TOOLS: [&str; 4] = ["compute", "tile", "mosaic", "profile"];

#[test]
fn the_first_argument_names_the_tool() {
    let folder = Folder::new();
    for tool in TOOLS {
        let alone = folder.line(0, &format!("svf_{tool} --help")).text();
        assert_eq!(folder.line(0, &format!("svf-tools {tool} --help")).text(), alone);
        assert_eq!(folder.line(0, &format!("svf-tools svf_{tool} --help")).text(), alone);
        let alone = folder.line(0, &format!("svf_{tool} --version")).text();
        assert_eq!(folder.line(0, &format!("svf-tools {tool} --version")).text(), alone);
    }
    let help = folder.line(0, "svf-tools --help").text();
    assert!(TOOLS.iter().all(|tool| help.contains(tool)), "{help}");
    // A script that was to name a tool does not go on.
    let nothing = folder.line(2, "svf-tools");
    assert!(nothing.stderr.starts_with("svf-tools: error: no tool was named"), "{nothing}");
    let version = folder.line(0, "svf-tools --version").text();
    assert!(version.starts_with(&format!("svf-tools {} (GDAL ", env!("CARGO_PKG_VERSION"))));
    let wrong = folder.line(2, "svf-tools compote in.tif out.tif");
    assert!(wrong.stderr.contains("'compote' is not a tool: write compute, "), "{wrong}");
}

#[cfg(unix)]
#[test]
fn the_name_of_a_link_names_the_tool() {
    let folder = Folder::new();
    folder.write_dem("in.tif", &ndarray::Array2::from_elem((9, 9), 3.0));
    // The last one as it can be typed on Windows.
    let named = TOOLS.map(|tool| (format!("svf_{tool}"), format!("svf_{tool}")));
    let typed = ("Svf_COMPUTE.EXE".to_owned(), "svf_compute".to_owned());
    for (link, name) in named.into_iter().chain([typed]) {
        let link = folder.path(&link);
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_svf-tools"), &link).unwrap();
        let version = run(&mut folder.in_folder(link.to_str().unwrap(), &["--version"]), &[]);
        assert!(version.text().starts_with(&format!("{name} ")), "{version}");
    }
    let link = folder.path("svf_compute");
    let made = run(&mut folder.in_folder(link.to_str().unwrap(), &["in.tif", "out.tif"]), &[]);
    assert_eq!(made.code, Some(0), "{made}");
    assert!(folder.path("out.tif").is_file());
    // A link of the user's own to it, called by its path or found by the shell.
    std::os::unix::fs::symlink("svf_compute", folder.path("sky")).unwrap();
    std::os::unix::fs::symlink("sky", folder.path("sky.2")).unwrap();
    let version =
        run(&mut folder.in_folder(folder.path("sky.2").to_str().unwrap(), &["--version"]), &[]);
    assert!(version.text().starts_with("svf_compute "), "{version}");
    let mut found = folder.in_folder("/bin/sh", &["-c", "sky in.tif sky.tif"]);
    let made = run(found.env("PATH", folder.path("")), &[]);
    assert_eq!(made.code, Some(0), "{made}");
    assert!(folder.path("sky.tif").is_file());
    // One to `svf-tools` itself names no tool.
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_svf-tools"), folder.path("all")).unwrap();
    let version = run(
        &mut folder.in_folder(folder.path("all").to_str().unwrap(), &["tile", "--version"]),
        &[],
    );
    assert!(version.text().starts_with("svf_tile "), "{version}");
}
