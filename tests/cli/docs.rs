//! What the documentation says of messages and codes, held to the sources of the program.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The sources of all crates without their tests: one space between words, texts in one piece.
fn sources() -> String {
    fn add(folder: &Path, text: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                add(&path, text);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = fs::read_to_string(&path).unwrap();
                text.push_str(source.split("#[cfg(test)]").next().unwrap());
            }
        }
    }
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut text = String::new();
    for name in ["svf", "svf-cli", "svf-job", "svf-kernel", "svf-raster"] {
        add(&crates.join(name).join("src"), &mut text);
    }
    // A text that goes on in the next line has a backslash there.
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.replace(" \\ ", " ").replace("\\ ", "")
}

/// First cells of the rows of a table.
fn first_cells(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next())
}

/// What stands between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn is_code(text: &str) -> bool {
    let part =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    text == "internal" || text.split_once('.').is_some_and(|(a, b)| part(a) && part(b))
}

#[test]
fn every_code_of_the_program_is_documented_and_no_other() {
    let sources = sources();
    let documented: BTreeSet<&str> = first_cells(include_str!("../../docs/events.md"))
        .flat_map(quoted)
        .filter(|c| is_code(c))
        .collect();
    assert!(documented.len() > 50, "{documented:?}");
    for code in &documented {
        assert!(sources.contains(&format!("\"{code}\"")), "no source has {code}");
    }
    let families: BTreeSet<&str> =
        documented.iter().filter_map(|code| code.split('.').next()).collect();
    // Names of files in texts, and a pipe that was closed, which is told as a cancel.
    let others = ["plan.json", "output.tif", "raster.pipe"];
    let literals = sources.split('"').filter(|text| is_code(text));
    for code in literals.filter(|code| code.split('.').next().is_some_and(|f| families.contains(f)))
    {
        assert!(documented.contains(code) || others.contains(&code), "events.md lacks {code}");
    }
}

#[test]
fn every_message_of_the_documentation_is_one_of_the_program() {
    let sources = sources();
    let usage = include_str!("../../docs/usage.md");
    let table = &usage[usage.find("| message |").unwrap()..];
    let mut looked_at = 0;
    for message in first_cells(table).flat_map(quoted).filter(|m| !m.starts_with("GDAL: ")) {
        // "F" and "CDSM" stand for names, digits and ".abc" for what differs.
        let words = message.replace(".abc", "...").replace("...", " \n ");
        let words = words.split(' ').map(|word| match word.trim_matches([':', ',']) {
            "F" | "CDSM" => "\n",
            _ => word,
        });
        let message_of_pieces = words.collect::<Vec<_>>().join(" ");
        let pieces = message_of_pieces.split(|c: char| c == '\n' || c.is_ascii_digit());
        for piece in pieces.map(|piece| piece.trim_matches([' ', '\'', ':', ';', ','])) {
            if piece.len() < 6 {
                continue;
            }
            looked_at += 1;
            // The verb of an operation that failed stands apart.
            let verb = piece.strip_prefix("cannot ").and_then(|rest| rest.split(' ').next());
            let is_verb = verb.is_some_and(|verb| sources.contains(&format!("=> \"{verb}\"")));
            assert!(is_verb || sources.contains(piece), "no source has '{piece}' of `{message}`");
        }
    }
    assert!(looked_at > 30, "{looked_at}");
}
