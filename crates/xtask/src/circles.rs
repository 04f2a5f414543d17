//! No circle of imports: within a crate, modules depend on each other in one direction.
//!
//! Read from the text: every path that begins with `crate::` or `super::`, outside of tests
//! and comments. A path to a parent module's own item is no import of a sibling.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// The modules of a crate, each with those that it names.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// Refuses circles among the modules of a crate.
pub fn check(source: &Path) -> Result<()> {
    let mut texts = BTreeMap::new();
    read(source, source, &mut texts)?;
    let names: BTreeSet<String> = texts.keys().cloned().collect();
    let imports: Imports =
        texts.iter().map(|(module, text)| (module.clone(), named(module, text, &names))).collect();
    let circle = names.iter().find(|module| reaches_itself(module, &imports));
    ensure!(
        circle.is_none(),
        "{}: a circle of imports goes through module {}",
        source.display(),
        circle.map_or("", String::as_str)
    );
    Ok(())
}

fn read(root: &Path, folder: &Path, texts: &mut BTreeMap<String, String>) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            read(root, &path, texts)?;
            continue;
        }
        let name = path.strip_prefix(root)?.with_extension("").display().to_string();
        let name = name.replace('/', "::");
        let name = name.strip_suffix("::mod").unwrap_or(&name).to_owned();
        if path.extension().is_some_and(|e| e == "rs") && !["lib", "main"].contains(&&*name) {
            let text = std::fs::read_to_string(&path)?;
            let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
            texts.insert(name, text);
        }
    }
    Ok(())
}

/// The modules that a text names.
fn named(module: &str, text: &str, modules: &BTreeSet<String>) -> BTreeSet<String> {
    let code: String =
        text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
    let mut found = BTreeSet::new();
    for (start, base) in [("crate::", ""), ("super::", parent)] {
        for (at, _) in code.match_indices(start) {
            for path in paths(&code[at + start.len()..]) {
                let path = if base.is_empty() { path } else { format!("{base}::{path}") };
                // The longest part of the path that is a module.
                let parts: Vec<&str> = path.split("::").collect();
                let of = (1..=parts.len()).rev().map(|n| parts[..n].join("::"));
                let imported = of.into_iter().find(|name| modules.contains(name));
                found.extend(imported.filter(|name| name != module && name != parent));
            }
        }
    }
    found
}

/// The paths at the beginning of a text: `a::b`, or `a::{b, c}` as `a::b` and `a::c`.
fn paths(text: &str) -> Vec<String> {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let head = text.split(|c: char| !is_path(c)).next().unwrap_or_default();
    let Some(list) = text[head.len()..].strip_prefix('{') else {
        return vec![head.trim_end_matches(':').to_owned()];
    };
    let list = list.split('}').next().unwrap_or_default();
    list.split(',').map(|name| format!("{head}{}", name.trim())).collect()
}

fn reaches_itself(module: &str, imports: &Imports) -> bool {
    let mut seen = BTreeSet::new();
    let mut next: Vec<&String> = imports[module].iter().collect();
    while let Some(name) = next.pop() {
        if name == module {
            return true;
        }
        if seen.insert(name) {
            next.extend(&imports[name]);
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_found() {
        let modules: BTreeSet<String> = ["a", "b", "b::c"].map(str::to_owned).into();
        let of = |module: &str, text: &str| named(module, text, &modules);
        assert_eq!(of("a", "use crate::b::{c, D};"), ["b".to_owned(), "b::c".to_owned()].into());
        assert_eq!(of("a", "// crate::b\nlet x = crate::b::c::f();"), ["b::c".to_owned()].into());
        assert_eq!(of("b::c", "use super::{D, c::E};"), BTreeSet::new());
        let imports = |pairs: &[(&str, &str)]| -> Imports {
            let mut imports: Imports =
                modules.iter().map(|m| (m.clone(), BTreeSet::new())).collect();
            for (from, to) in pairs {
                imports.get_mut(*from).unwrap().insert((*to).to_owned());
            }
            imports
        };
        let circle = imports(&[("a", "b"), ("b", "b::c"), ("b::c", "a")]);
        assert!(reaches_itself("a", &circle));
        assert!(!reaches_itself("a", &imports(&[("a", "b"), ("b", "b::c")])));
    }
}
