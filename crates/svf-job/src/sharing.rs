//! Shares the tiles of one plan among any number of processes: each computes the next tile that
//! is not done and that no process has begun. At the end it waits for tiles that other processes
//! compute.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::cancel::CancelToken;
use crate::claims::{Claims, Owner, Taken};
use crate::pipeline::{Next, TileQueue};
use crate::planfile::TileEntry;
use crate::seen::PATIENCE;
use crate::tileset::{TileSet, TileState};

/// The tiles that a process should compute, shared with other processes.
pub struct SharedTiles<'a> {
    set: &'a TileSet,
    claims: &'a Claims,
    cancel: &'a CancelToken,
    /// Not checked yet.
    ahead: VecDeque<u64>,
    /// Tiles that other processes had claimed when they were requested.
    elsewhere: VecDeque<u64>,
    /// Those of them that the folder lists, although they are not found yet, and how long they are
    /// waited for.
    unseen: BTreeMap<u64, Instant>,
    listing: Listing,
    /// Why a tile was computed without a claim.
    unclaimed: &'a Mutex<Option<io::Error>>,
}

impl<'a> SharedTiles<'a> {
    /// The tiles `todo` of a set, in this order. If one had to be computed without a claim,
    /// `unclaimed` says why.
    pub fn new(
        set: &'a TileSet,
        claims: &'a Claims,
        todo: &[u64],
        unclaimed: &'a Mutex<Option<io::Error>>,
        cancel: &'a CancelToken,
    ) -> Self {
        let ahead = todo.iter().copied().collect();
        Self {
            set,
            claims,
            cancel,
            ahead,
            elsewhere: VecDeque::new(),
            unseen: BTreeMap::new(),
            listing: Listing::begin(),
            unclaimed,
        }
    }

    /// What must be done for a tile, if anything can be done now. Then this process has its
    /// claim.
    fn step(&mut self, id: u64) -> Option<Next> {
        let Some(tile) = self.set.tile(id) else { return Some(Next::Found(id)) };
        // Most tiles are missing; this is known without a claim.
        let state = || self.set.state(&tile, self.cancel);
        let before = state();
        if matches!(before, Ok(TileState::Done(_))) {
            return Some(self.found(&tile));
        }
        let waited = self.unseen.get(&id).copied();
        if matches!(before, Ok(TileState::Missing)) && waited > Some(Instant::now()) {
            return None;
        }
        match self.claims.take(&tile.file, &format!("tile {id}"), Instant::now()) {
            // Its last owner can have finished it before this process got the claim.
            Taken::Ours => match state() {
                Ok(TileState::Done(_)) => {
                    self.claims.release(&tile.file);
                    Some(self.found(&tile))
                }
                Ok(TileState::Missing)
                    if waited.is_none() && self.listing.has(self.set, &tile, self.cancel) =>
                {
                    self.claims.release(&tile.file);
                    self.unseen.insert(id, Instant::now() + PATIENCE);
                    None
                }
                _ => Some(Next::Tile(id)),
            },
            Taken::Theirs(_) => None,
            Taken::Impossible(error) => {
                if let Ok(mut unclaimed) = self.unclaimed.lock() {
                    unclaimed.get_or_insert(error);
                }
                Some(Next::Tile(id))
            }
        }
    }

    /// The tile is done.
    fn found(&self, tile: &TileEntry) -> Next {
        self.claims.forget(&tile.file);
        Next::Found(tile.id)
    }
}

/// Looks at what the folder lists, because network file systems remember for a while that a tile
/// was not there. In a large folder this takes long, so it may only take a small share of the time
/// of the run. Without it, a tile can be computed a second time, which does no harm.
struct Listing {
    begun: Instant,
    spent: Duration,
}

impl Listing {
    const FREE: Duration = Duration::from_secs(1);
    /// The run takes so many times as long as its looks.
    const SHARE: u32 = 50;

    fn begin() -> Self {
        Self { begun: Instant::now(), spent: Duration::ZERO }
    }

    fn has(&mut self, set: &TileSet, tile: &TileEntry, cancel: &CancelToken) -> bool {
        if self.spent > Self::FREE + self.begun.elapsed() / Self::SHARE {
            return false;
        }
        let started = Instant::now();
        let has = set.lists(tile, cancel);
        self.spent += started.elapsed();
        has
    }
}

impl TileQueue for SharedTiles<'_> {
    fn next_tile(&mut self) -> Next {
        // Tiles of other processes come first: finished ones are reported, abandoned ones are
        // taken over.
        for _ in 0..self.elsewhere.len() {
            let Some(id) = self.elsewhere.pop_front() else { break };
            match self.step(id) {
                Some(next) => return next,
                None => self.elsewhere.push_back(id),
            }
            if self.cancel.is_cancelled() {
                return Next::End;
            }
        }
        while let Some(id) = self.ahead.pop_front() {
            match self.step(id) {
                Some(next) => return next,
                None => self.elsewhere.push_back(id),
            }
            if self.cancel.is_cancelled() {
                return Next::End;
            }
        }
        if self.elsewhere.is_empty() { Next::End } else { Next::Wait }
    }
}

/// Removes abandoned claims, and those of tiles that are known to be done. If this fails, they
/// stay, which does no harm.
pub fn sweep(claims: &Claims, set: &TileSet, is_done: &dyn Fn(u64) -> bool) {
    let _ = claims.sweep(&|name| set.plan().id_of_file(name).is_some_and(is_done));
}

/// Some owners of claims, as text: processes and machines, each once.
pub fn show_owners(owners: &[Owner]) -> String {
    const SHOWN: usize = 4;
    let all: BTreeSet<(u32, &str)> = owners.iter().map(|o| (o.pid, o.host.as_str())).collect();
    let mut words: Vec<String> =
        all.iter().take(SHOWN).map(|(pid, host)| format!("process {pid} on {host}")).collect();
    if let more @ 1.. = all.len().saturating_sub(SHOWN) {
        words.push(format!("{more} more"));
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Statistics;
    use crate::tileset::tests::{put, result, set};

    fn finish(set: &TileSet, claims: &Claims, id: u64) {
        put(set, id, &serde_json::to_string(&result(id, &[Statistics::default()])).unwrap());
        claims.release(&set.tile(id).unwrap().file);
    }

    fn claims_in(set: &TileSet) -> usize {
        let names = std::fs::read_dir(set.folder()).unwrap();
        names
            .filter(|e| {
                crate::claims::claimed(&e.as_ref().unwrap().file_name().to_string_lossy()).is_some()
            })
            .count()
    }

    #[test]
    fn each_tile_is_computed_by_one_of_two_and_found_by_the_other() {
        let (_dir, set) = set();
        let cancel = CancelToken::default();
        let (one, two) = (Claims::new(set.folder(), "here"), Claims::new(set.folder(), "there"));
        let unclaimed = Mutex::new(None);
        let mut a = SharedTiles::new(&set, &one, &[0, 1, 2, 3, 5], &unclaimed, &cancel);
        // Only the second process has a part of the tiles.
        let mut b = SharedTiles::new(&set, &two, &[1, 2, 3, 5], &unclaimed, &cancel);
        assert_eq!([a.next_tile(), b.next_tile()], [Next::Tile(0), Next::Tile(1)]);
        assert_eq!([a.next_tile(), b.next_tile()], [Next::Tile(2), Next::Tile(3)]);
        // Tiles that the other process finished are reported before a new tile is begun.
        finish(&set, &one, 2);
        assert_eq!([b.next_tile(), b.next_tile()], [Next::Found(2), Next::Tile(5)]);
        finish(&set, &two, 1);
        assert_eq!([a.next_tile(), a.next_tile()], [Next::Found(1), Next::Wait]);
        finish(&set, &two, 3);
        assert_eq!([a.next_tile(), a.next_tile()], [Next::Found(3), Next::Wait]);
        assert_eq!(one.owners().len(), 1);
        // The second process ended before it finished its last tile.
        drop(two);
        assert_eq!([a.next_tile(), a.next_tile()], [Next::Tile(5), Next::End]);
        finish(&set, &one, 0);
        finish(&set, &one, 5);
        assert!(one.owners().is_empty() && claims_in(&set) == 0);
        assert!(unclaimed.lock().unwrap().is_none());
    }

    #[test]
    fn what_cannot_be_claimed_is_computed() {
        let (_dir, set) = set();
        let cancel = CancelToken::default();
        let claims = Claims::new(set.folder(), "here");
        let tile = set.tile(3).unwrap();
        std::fs::create_dir(claims.path(&tile.file)).unwrap();
        let unclaimed = Mutex::new(None);
        let mut queue = SharedTiles::new(&set, &claims, &[2, 3], &unclaimed, &cancel);
        assert_eq!([queue.next_tile(), queue.next_tile()], [Next::Tile(2), Next::Tile(3)]);
        assert!(unclaimed.lock().unwrap().is_some());
        assert_eq!(queue.next_tile(), Next::End);
    }

    /// A link that leads nowhere yet is listed and not found, like a file that a network file system
    /// remembers to be missing.
    #[cfg(unix)]
    #[test]
    fn what_the_folder_lists_is_waited_for_and_not_computed() {
        let (_dir, set) = set();
        let cancel = CancelToken::default();
        let claims = Claims::new(set.folder(), "here");
        let tile = set.tile(2).unwrap();
        std::os::unix::fs::symlink("late", set.path(&tile)).unwrap();
        let unclaimed = Mutex::new(None);
        let mut queue = SharedTiles::new(&set, &claims, &[1, 2], &unclaimed, &cancel);
        assert_eq!([queue.next_tile(), queue.next_tile()], [Next::Tile(1), Next::Wait]);
        // Others may claim it.
        assert_eq!(claims_in(&set), 1);
        assert_eq!(queue.next_tile(), Next::Wait);
        put(&set, 2, &serde_json::to_string(&result(2, &[Statistics::default()])).unwrap());
        assert!(set.folder().join("late").exists());
        assert_eq!([queue.next_tile(), queue.next_tile()], [Next::Found(2), Next::End]);
    }

    #[test]
    fn claims_of_the_dead_on_tiles_that_are_done_do_not_stay() {
        let (_dir, set) = set();
        let claims = Claims::new(set.folder(), "here");
        for id in [0, 1] {
            std::fs::write(claims.path(&set.tile(id).unwrap().file), "of another machine").unwrap();
        }
        sweep(&claims, &set, &|id| id == 1);
        assert_eq!(claims_in(&set), 1);
        assert!(claims.path(&set.tile(0).unwrap().file).exists());
    }

    #[test]
    fn owners_are_named_once() {
        let (_dir, set) = set();
        let me = Claims::new(set.folder(), "here");
        let others: Vec<Claims> =
            (0..6).map(|i| Claims::new(set.folder(), &format!("h{i}"))).collect();
        let pid = std::process::id();
        for (i, other) in others.iter().enumerate() {
            for k in 0..2 {
                let name = format!("{i}-{k}");
                other.take(&name, "", Instant::now());
                me.take(&name, "", Instant::now());
            }
            if i == 0 {
                assert_eq!(show_owners(&me.owners()), format!("process {pid} on h0"));
            }
        }
        assert!(show_owners(&me.owners()).ends_with(&format!("process {pid} on h3, 2 more")));
    }
}
