//! What a tile is recognised by, if the inputs consist of several files: everything that decides
//! its cells, and nothing else. So when one file of thousands is new or changed, only the tiles
//! whose surroundings it meets have another key, and all others stay as they are.
//!
//! A key is the digest of what all tiles have in common (options, version, grid, types), of the
//! cells that the tile has and is computed from, and of the files that these cells come from.

use std::collections::HashSet;

use serde_json::{Value, json};
use svf_kernel::tile::Window;

use crate::planfile::{Cells, Output, PlanFile, SourceFile};
use crate::trailer::digest_of;

/// Makes the keys of the tiles of a plan.
#[derive(Clone, Debug)]
pub(crate) struct TileKeys {
    /// Digest of what all tiles have in common.
    common: String,
    sources: Vec<SourceFile>,
}

impl TileKeys {
    /// None if the plan does not know which files its cells come from.
    pub(crate) fn of(plan: &PlanFile) -> Option<Self> {
        let common = digest_of(&common(plan).to_string());
        (!plan.sources.is_empty()).then(|| Self { common, sources: plan.sources.clone() })
    }

    /// The key of a tile, or of several together, with the cells that they are computed from.
    pub(crate) fn key(&self, core: Cells, halo: Cells) -> String {
        let read = Window::from(halo);
        let is_met = |source: &&SourceFile| {
            source.cells.is_none_or(|cells| Window::from(cells).meet(&read).is_some())
        };
        let sources: Vec<&SourceFile> = self.sources.iter().filter(is_met).collect();
        let all = json!([self.common, core, halo, sources]);
        digest_of(&all.to_string())[..32].to_owned()
    }
}

/// What all tiles have in common. The grid is that of the first cell: files to the south and east
/// can make it larger, and the tiles that are whole stay.
fn common(plan: &PlanFile) -> Value {
    let mut identity = plan.identity.clone();
    for input in identity["inputs"].as_array_mut().into_iter().flatten() {
        if let Some(input) = input.as_object_mut() {
            // Of many files, each says this of itself.
            let of_each: &[&str] = match input.get("parts") {
                Some(_) => &["parts", "data_type", "nodata", "scale_offset"],
                None => &[],
            };
            for of_files in ["name", "files", "size"].iter().chain(of_each) {
                input.remove(*of_files);
            }
        }
    }
    let window = Window::from(plan.window);
    identity["window"] = json!([window.row, window.col]);
    let Output { data_type, nodata, geo_transform, crs, bands, .. } = &plan.output;
    let output = format!("{data_type} {nodata:?} {geo_transform:?} {crs:?} {bands:?}");
    json!([identity, output])
}

/// How many files of the inputs are new, changed or gone between two plans for the same folder,
/// if that is all that changed and at least one file is the same. Then tiles of the first can be
/// tiles of the second.
pub fn changed_files(before: &PlanFile, now: &PlanFile) -> Option<usize> {
    let files = |plan: &PlanFile| -> HashSet<String> {
        let of_file = |source: &&SourceFile| source.cells.is_some();
        plan.sources.iter().filter(of_file).map(|source| format!("{source:?}")).collect()
    };
    let rest = |plan: &PlanFile| -> Vec<SourceFile> {
        plan.sources.iter().filter(|source| source.cells.is_none()).cloned().collect()
    };
    let size = |plan: &PlanFile| plan.identity["inputs"][0]["size"].clone();
    // Another part of the same raster is a wish of the user, not a change of the files.
    let same_part = before.window == now.window || size(before) != size(now);
    if !same_part || rest(before) != rest(now) || common(before) != common(now) {
        return None;
    }
    let (before, now) = (files(before), files(now));
    let changed = now.difference(&before).count().max(before.difference(&now).count());
    (changed > 0 && before.intersection(&now).next().is_some()).then_some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tileset::tests::plan;

    /// The plan of 3 x 3 tiles, of 100 x 60 cells, with three files side by side.
    fn of_files(change: &dyn Fn(&mut PlanFile)) -> PlanFile {
        let source = |role: &str, cells: Option<[u64; 4]>, stamp: &str| SourceFile {
            role: role.into(),
            cells: cells.map(|[row, col, rows, cols]| Window { row, col, rows, cols }.into()),
            stamp: stamp.into(),
        };
        let mut plan = plan("3");
        plan.sources = vec![
            source("heights", None, "rest"),
            source("heights", Some([0, 0, 250, 50]), "a"),
            source("heights", Some([0, 50, 250, 50]), "b"),
            source("heights", Some([0, 100, 250, 30]), "c"),
        ];
        change(&mut plan);
        plan
    }

    /// The tiles whose keys are the same in both.
    fn kept(a: &PlanFile, b: &PlanFile) -> Vec<u64> {
        let (of_a, of_b) = (TileKeys::of(a).unwrap(), TileKeys::of(b).unwrap());
        let of = |keys: &TileKeys, plan: &PlanFile, id: u64| {
            let tile = plan.entry(id);
            keys.key(tile.core, tile.halo)
        };
        a.tiles.iter().filter(|&id| of(&of_a, a, id) == of(&of_b, b, id)).collect()
    }

    #[test]
    fn a_changed_file_changes_the_tiles_that_it_meets() {
        let before = of_files(&|_| {});
        assert_eq!(kept(&before, &before), before.tiles.iter().collect::<Vec<_>>());
        // With the halo: columns 0..63 meet the first two files, 57..123 the last two, 117..130
        // the last.
        let changed = |at: usize| of_files(&move |plan| plan.sources[at].stamp = "new".into());
        assert_eq!(kept(&before, &changed(1)), [1, 2, 5, 7, 8]);
        assert_eq!(kept(&before, &changed(3)), [0, 3, 6]);
        assert_eq!(kept(&before, &changed(0)), [] as [u64; 0]);
        assert_eq!(changed_files(&before, &changed(1)), Some(1));
        assert_eq!(changed_files(&before, &changed(0)), None);
        assert_eq!(changed_files(&before, &before), None);
        // A file that is gone, one that moved, and the order of two.
        let gone = of_files(&|plan| drop(plan.sources.remove(3)));
        assert_eq!((kept(&before, &gone), changed_files(&before, &gone)), (vec![0, 3, 6], Some(1)));
        let there = Cells::from(Window { row: 1, col: 100, rows: 249, cols: 30 });
        let moved = of_files(&|plan| plan.sources[3].cells = Some(there));
        assert_eq!(kept(&before, &moved), [0, 3, 6]);
        let swapped = of_files(&|plan| plan.sources.swap(2, 3));
        assert_eq!(kept(&before, &swapped), [0, 2, 3, 5, 6, 8]);
        // Other options, and all files changed.
        let other = of_files(&|plan| plan.identity["options"]["radius"] = "4".into());
        assert_eq!((kept(&before, &other), changed_files(&before, &other)), (vec![], None));
        let all = of_files(&|plan| (1..4).for_each(|i| plan.sources[i].stamp += "new"));
        assert_eq!(changed_files(&before, &all), None);
        assert!(TileKeys::of(&plan("3")).is_none());
    }

    #[test]
    fn a_larger_raster_keeps_the_tiles_that_are_whole() {
        let before = of_files(&|_| {});
        let larger = |cols: u64| {
            of_files(&move |plan| {
                plan.window = Window::whole(250, cols).into();
                plan.output.size = [250, cols];
                plan.identity["inputs"] = json!([{ "size": [250, cols] }]);
            })
        };
        let before_sized = larger(130);
        assert_eq!(kept(&before, &before_sized), [] as [u64; 0]);
        // The last column of tiles has 10 of 60 columns, and the one before has a whole halo.
        let after = larger(180);
        assert_eq!(kept(&before_sized, &after), [0, 1, 3, 6, 7]);
    }

    #[test]
    fn another_part_of_the_same_raster_is_no_change_of_files() {
        let part = of_files(&|plan| {
            plan.window = Window::whole(200, 130).into();
            plan.sources[1].stamp = "new".into();
        });
        assert_eq!(changed_files(&of_files(&|_| {}), &part), None);
    }
}
