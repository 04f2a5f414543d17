//! Compares a plan with the current inputs and options, and describes differences in the words of
//! the command line. The identity of a plan is made in `plan_file`.

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::Value;
use svf_job::events::Diagnostic;
use svf_job::journal::timestamp;
use svf_job::planfile::{Difference, Output, PlanFile, differences};

use crate::error::Error;

/// Refuses a plan that does not match the current request, with the differences.
///
/// # Errors
/// The differences.
pub(crate) fn refuse_changes(
    plan: &PlanFile,
    now: &PlanFile,
    path: &Path,
    hint: &str,
) -> Result<(), Error> {
    let changes = in_words(&plan.identity, &now.identity);
    if changes.is_empty() {
        return Ok(());
    }
    const SHOWN: usize = 5;
    let more = match changes.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let shown = path.display();
    let list = changes.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ");
    let message = format!("{shown} does not match this run: {list}{more}");
    let diagnostic = Diagnostic::new("plan.changed", message).hint(hint).path(shown.to_string());
    Err(Error::failed(diagnostic))
}

/// Refuses a plan whose tiles would be joined to something that does not follow from its options:
/// one of an earlier version, without a digest, may have been changed by hand. What CRS and
/// metadata say in words depends on the libraries of the machine.
///
/// # Errors
/// Such a plan.
pub(crate) fn refuse_other_output(
    plan: &PlanFile,
    now: &PlanFile,
    path: &Path,
    hint: &str,
) -> Result<(), Error> {
    let of = |plan: &PlanFile| {
        let Output { data_type, nodata, size, geo_transform, bands, radius, z_factor, .. } =
            &plan.output;
        format!("{data_type} {nodata:?} {size:?} {geo_transform:?} {bands:?} {radius} {z_factor}")
    };
    if of(plan) == of(now) {
        return Ok(());
    }
    let shown = path.display();
    let message = format!("{shown} was changed: its output does not match its options");
    let diagnostic = Diagnostic::new("plan.changed", message).hint(hint).path(shown.to_string());
    Err(Error::failed(diagnostic))
}

/// The differences between two identities, each in words.
fn in_words(plan: &Value, now: &Value) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let found = differences(plan, now);
    // The halo follows from the radius and the cells, so it is only reported if there is no other
    // difference.
    let of_itself = |d: &&Difference| !d.at.starts_with("halo_px") || found.len() == 1;
    for difference in found.iter().filter(of_itself) {
        let said = in_word(difference, plan, now);
        if !words.contains(&said) {
            words.push(said);
        }
    }
    words
}

/// One difference in words. If several belong together (a window or a size), the whole is
/// reported.
fn in_word(difference: &Difference, plan: &Value, now: &Value) -> String {
    let Difference { at, plan: was, now: is } = difference;
    let (head, rest) = at.split_once(['.', '[']).unwrap_or((at, ""));
    match head {
        "options" if rest == "output_type" => changed("--ot", &type_name(was), &type_name(is)),
        "options" => changed(&option_name(rest), was, is),
        "window" => {
            let window = |of: &Value| {
                let side = |key: &str| of["window"][key].to_string();
                ["col", "row", "cols", "rows"].map(side).join(",").into()
            };
            changed("the part of the raster (--srcwin, --bbox)", &window(plan), &window(now))
        }
        "tile_px" => {
            let size = |of: &Value| format!("{}x{}", of["tile_px"][1], of["tile_px"][0]).into();
            changed("--tile-size", &size(plan), &size(now))
        }
        "inputs" => input_in_word(rest, difference, plan, now),
        "halo_px" => "the sight lines reach other cells".to_owned(),
        _ => changed(&format!("the {at}"), was, is),
    }
}

/// `0].files[1].modified` and similar keys.
fn input_in_word(rest: &str, difference: &Difference, plan: &Value, now: &Value) -> String {
    let Difference { plan: was, now: is, .. } = difference;
    let inputs = |of: &Value| of["inputs"].as_array().cloned().unwrap_or_default();
    let Some((number, key)) = rest.split_once("].") else {
        // Their number is different.
        let names = |of: &Value| {
            let name = |input: &Value| show(&input["name"]);
            inputs(of).iter().map(name).collect::<Vec<_>>().join(", ").into()
        };
        return changed(
            "the input (with --canopy, --trunk and --receivers)",
            &names(plan),
            &names(now),
        );
    };
    let input = number.parse().ok().and_then(|i: usize| inputs(plan).get(i).cloned());
    let input = input.unwrap_or_default();
    let is_of_many = input.get("parts").is_some();
    let name = match input["role"].as_str() {
        Some("heights") if is_of_many => "the input".to_owned(),
        Some(role) if is_of_many => format!("--{role}"),
        _ => show(&input["name"]),
    };
    let (key, rest) = key.split_once(['.', '[']).unwrap_or((key, ""));
    match key {
        "name" if input["role"] == "heights" => changed("INPUT", was, is),
        "name" => changed(&format!("--{}", show(&input["role"])), was, is),
        "parts" => format!("the files of {name} have other positions or data types"),
        "band" => changed("--band", was, is),
        "nodata" => changed(&format!("the NoData value of {name}"), was, is),
        "open_options" => changed("--oo", &input["open_options"], is),
        "files" => {
            let Some((number, key)) = rest.split_once("].") else {
                return format!("{name} consists of other files");
            };
            let file = number.parse::<usize>().map(|i| &input["files"][i]["name"]);
            let file = file.map_or(name, show);
            match key {
                "bytes" | "modified" if is.is_null() && !was.is_null() => {
                    format!("{file} cannot be found")
                }
                "bytes" => changed(&format!("the size of {file} in bytes"), was, is),
                // What a server says: an ETag, or a time in its words.
                "modified" if moment(was) == *was && moment(is) == *is => {
                    changed(&format!("the version of {file} on the server"), was, is)
                }
                "modified" => {
                    changed(&format!("the modification time of {file}"), &moment(was), &moment(is))
                }
                "name" => changed(&format!("a file of {}", show(&input["name"])), was, is),
                _ => format!("the content of {file} changed"),
            }
        }
        "size" => format!("{name} has another number of rows or columns"),
        "geo_transform" | "unit" => format!("{name} has another grid"),
        _ => changed(&format!("the {} of {name}", key.replace('_', " ")), was, is),
    }
}

/// The option of the command line for a key of the plan's options.
fn option_name(key: &str) -> String {
    let key = key.split_once('[').map_or(key, |(key, _)| key);
    match key {
        "measures" => "--measure".to_owned(),
        _ if key.starts_with("config ") => format!("--{key}"),
        _ => format!("--{}", key.replace('_', "-")),
    }
}

/// A data type as a user would type it: GDAL's Byte is uint8.
fn type_name(of: &Value) -> Value {
    match of.as_str() {
        Some("Byte") => "uint8".into(),
        Some(name) => name.to_lowercase().into(),
        None => of.clone(),
    }
}

fn changed(what: &str, was: &Value, is: &Value) -> String {
    format!("{what} was {}, now it is {}", show(was), show(is))
}

/// A value as a user would type it.
fn show(value: &Value) -> String {
    match value {
        Value::Null => "not given".to_owned(),
        Value::Bool(true) => "given".to_owned(),
        Value::Bool(false) => "not given".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "not given".to_owned(),
        Value::Array(items) => items.iter().map(show).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// Seconds since 1970, with a fraction, as a date that `touch -d` understands.
fn moment(value: &Value) -> Value {
    let date = || {
        let (seconds, fraction) = value.as_str()?.split_once('.')?;
        let date = timestamp(UNIX_EPOCH + Duration::from_secs(seconds.parse().ok()?));
        let fraction = fraction.trim_end_matches('0');
        let dot = if fraction.is_empty() { "" } else { "." };
        Some(format!("{}{dot}{fraction}Z", date.trim_end_matches('Z')))
    };
    date().map_or_else(|| value.clone(), Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn changes_are_said_as_they_would_be_typed() {
        let plan = json!({
            "version": "0.1.0",
            "inputs": [{"role": "heights", "name": "dem.tif", "band": 1, "nodata": null,
                "size": [10, 20], "files": [
                {"name": "dem.tif", "bytes": 10, "modified": "86400.500000000"}]}],
            "options": {"radius": "100px", "signed": false, "measures": ["svf"], "divisions": null,
                "output_type": "Float32", "observer_height": 0.0},
            "window": {"row": 0, "col": 0, "rows": 10, "cols": 20},
            "tile_px": [30, 40],
            "halo_px": [9, 9],
        });
        let with = |change: &dyn Fn(&mut Value)| {
            let mut now = plan.clone();
            change(&mut now);
            let mut words = in_words(&plan, &now);
            words.sort();
            words
        };
        let trees = json!({"role": "canopy", "name": "trees.tif"});
        let both = |now: &mut Value| {
            now["options"] = json!({"radius": "3", "signed": true, "measures": ["svf", "horizon"],
                "divisions": 7, "output_type": "Byte", "observer_height": 1.5});
            now["halo_px"] = json!([3, 3]);
        };
        assert_eq!(
            with(&both),
            [
                "--divisions was not given, now it is 7",
                "--measure was svf, now it is svf,horizon",
                "--observer-height was 0.0, now it is 1.5",
                "--ot was float32, now it is uint8",
                "--radius was 100px, now it is 3",
                "--signed was not given, now it is given",
            ]
        );
        let one = |change: &dyn Fn(&mut Value), words: &str| assert_eq!(with(change), [words]);
        one(&|now| now["version"] = "9.0.0".into(), "the version was 0.1.0, now it is 9.0.0");
        one(&|now| now["tile_px"] = json!([50, 60]), "--tile-size was 40x30, now it is 60x50");
        one(
            &|now| now["window"] = json!({"row": 1, "col": 2, "rows": 3, "cols": 4}),
            "the part of the raster (--srcwin, --bbox) was 0,0,20,10, now it is 2,1,4,3",
        );
        one(
            &|now| now["inputs"][0]["files"][0]["modified"] = "86401.000000000".into(),
            "the modification time of dem.tif was 1970-01-02T00:00:00.5Z, now it is 1970-01-02T00:00:01Z",
        );
        one(
            &|now| now["inputs"][0]["files"][0]["bytes"] = 11.into(),
            "the size of dem.tif in bytes was 10, now it is 11",
        );
        one(
            &|now| now["inputs"] = json!([plan["inputs"][0], trees]),
            "the input (with --canopy, --trunk and --receivers) was dem.tif, now it is dem.tif, trees.tif",
        );
        one(&|now| now["inputs"][0]["name"] = "b.tif".into(), "INPUT was dem.tif, now it is b.tif");
        one(&|now| now["inputs"][0]["band"] = 2.into(), "--band was 1, now it is 2");
        one(
            &|now| now["inputs"][0]["nodata"] = "-9999".into(),
            "the NoData value of dem.tif was not given, now it is -9999",
        );
        one(&|now| now["halo_px"] = json!([8, 9]), "the sight lines reach other cells");
        let of_many = |now: &mut Value| now["inputs"][0]["parts"] = "d1".into();
        let mut many = plan.clone();
        of_many(&mut many);
        let with_nodata = |now: &mut Value| {
            of_many(now);
            now["inputs"][0]["nodata"] = "7".into();
        };
        let mut now = plan.clone();
        with_nodata(&mut now);
        assert_eq!(
            in_words(&many, &now),
            ["the NoData value of the input was not given, now it is 7"]
        );
        let versions = |of: &str| {
            let mut plan = plan.clone();
            plan["inputs"][0]["files"][0]["modified"] = of.into();
            plan
        };
        assert_eq!(
            in_words(&versions("\"7f03\""), &versions("\"8a\"")),
            ["the version of dem.tif on the server was \"7f03\", now it is \"8a\""]
        );
    }
}
