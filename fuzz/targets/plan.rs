//! Any text whatever is a plan that fits together, or an error.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use svf_job::planfile::{PlanFile, differences};

fuzz_target!(|text: &str| {
    check(text);
    // Most texts fall at the digest: one that fits gets further.
    let Ok(mut plan) = serde_json::from_str::<Value>(text) else { return };
    let Some(fields) = plan.as_object_mut() else { return };
    for key in ["window", "tile_px", "halo_px"] {
        let value = fields.get(key).cloned().unwrap_or_default();
        let identity = fields.entry("identity").or_insert_with(|| json!({}));
        if let Some(identity) = identity.as_object_mut() {
            identity.insert(key.to_owned(), value);
        }
    }
    if let Some(window) = fields.get("window").cloned()
        && let Some(output) = fields.get_mut("output").and_then(Value::as_object_mut)
    {
        output.insert("size".to_owned(), json!([window["rows"], window["cols"]]));
    }
    let id = PlanFile::id_of(&fields["identity"]);
    fields.insert("id".to_owned(), id.into());
    for format in [1, 2] {
        plan["format"] = format.into();
        check(&plan.to_string());
    }
});

fn check(text: &str) {
    let Ok(plan) = PlanFile::from_text(text) else { return };
    let again = plan.to_text().expect("keys are text");
    let back = PlanFile::from_text(&again).expect("what was written is read");
    assert_eq!(back.to_text().expect("as above"), again);
    assert!(differences(&plan.identity, &back.identity).is_empty());
    for &(first, last) in plan.tiles.ranges() {
        assert!(first <= last && last < plan.tiling().tiles());
        assert_eq!(plan.id_of_file(&plan.entry(last).file), Some(last));
    }
}
