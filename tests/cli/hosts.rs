//! Two hosts over one folder: two mounts of it, which remember names and what is known of files, give
//! an open file that is removed another name, and do not see each other's locks.
//!
//! In most tests they remember without end, and forget when the test says so: then a result does not
//! depend on time.

use std::fs;
use std::path::Path;

use crate::large::{assert_equal, computed, strays};
use crate::support::{Folder, PATIENCE, can_mount, lacks, run, run_within, skip};

const SKY: &str = "--radius 9px -n 5 --measure svf,openness-negative";

/// What the scripts have in common: two hosts `a` and `b` see the folder `shared`.
const HOSTS: &str = r#"
    fail() { echo "$1" >&2; exit 1; }
    tools=$(dirname "$0"); servers=()
    # For so many seconds they remember what is there and what is known of it, and what is not there.
    mount_hosts() {
      for host in a b; do
        bindfs -f -o entry_timeout=$1,attr_timeout=$1,negative_timeout=$2 shared $host \
          > bindfs_$host.log 2>&1 &
        servers+=($!)
        until mountpoint -q $host; do
          kill -0 $! || fail "bindfs ends: $(cat bindfs_$host.log)"
          sleep 0.05
        done
      done
      trap 'code=$?; stop_forgetting; umount a b; wait "${servers[@]}"; exit $code' EXIT
      # It is such a file system.
      echo > a/x; exec 7< a/x; rm a/x
      ls -A shared | grep -q fuse_hidden || fail "an open file that is removed is gone"
      exec 7<&-
    }
    forget() { mount -i -o remount $1 || fail "$1 does not forget"; }
    # Hosts forget again and again, as time would make it. When they stop, nothing is under way.
    forgetter=
    keep_forgetting() {
      touch forgetting
      while [ -e forgetting ]; do
        for host in "$@"; do forget $host; done
        sleep 0.2
      done & forgetter=$!
    }
    stop_forgetting() {
      rm -f forgetting
      [ -z "$forgetter" ] || wait $forgetter || fail "they did not forget"
      forgetter=
    }
    # The hosts have the same name; the processes of b have a namespace of their own.
    on_a() { local tool=$1; shift; "$tools/$tool" "$@"; }
    on_b() { local tool=$1; shift; exec unshare -p -f "$tools/$tool" "$@"; }
    tiles=$(echo r000{0,1,2,3,4}_c000{0,1,2}.tif)
    # What b looks for and does not find, it believes to be missing from then on.
    b_misses() { for name in "$@"; do [ ! -e b/$name ] || fail "$name is there"; done; }
    b_still_misses() { for name in "$@"; do [ ! -e b/$name ] || fail "b finds $name"; done; }
"#;

/// A plan of 5 x 3 tiles in the folder `shared`, and what they should become; none if such mounts
/// cannot be made here.
fn shared() -> Option<Folder> {
    let folder = crate::large::folder(200, 90);
    if !can_mount(&folder) {
        return None;
    }
    if !Path::new("/dev/fuse").exists() {
        lacks("this system has no /dev/fuse");
        return None;
    }
    let has = |program: &str| run(&mut folder.in_folder("which", &[program]), &[]).code == Some(0);
    if !has("bindfs") {
        skip("no bindfs here");
        return None;
    }
    folder.line(0, &format!("svf_compute dem.tif one.tif {SKY}"));
    for name in ["shared", "a", "b"] {
        fs::create_dir(folder.path(name)).unwrap();
    }
    let trial = "bindfs shared a && mountpoint -q a; code=$?; umount a; exit $code";
    let mounts = ["-m", "-p", "-f", "--kill-child", "bash", "-c", trial];
    if run(&mut folder.in_folder("unshare", &mounts), &[]).code != Some(0) {
        lacks("this system lets bindfs mount nothing");
        return None;
    }
    fs::rename(folder.path("dem.tif"), folder.path("shared/dem.tif")).unwrap();
    folder.line(0, &format!("svf_tile shared/dem.tif shared/p.json --tile-size 40 {SKY}"));
    Some(folder)
}

/// Runs a script in which the hosts exist. Nothing unfinished may be left.
#[track_caller]
fn on_hosts(folder: &Folder, script: &str) {
    let tool = env!("CARGO_BIN_EXE_svf_compute");
    let script = format!("{HOSTS}{script}");
    // If it hangs and is killed, its mounts end with it.
    let args = ["-m", "-p", "-f", "--kill-child", "bash", "-c", &script, tool];
    let run = run_within(&mut folder.in_folder("unshare", &args), &[], 5 * PATIENCE);
    assert_eq!(run.code, Some(0), "{run}");
    let shared = folder.path("shared");
    assert_eq!(strays(&[&shared, &shared.join("p.tiles")]), Vec::<String>::new(), "{run}");
}

/// Holds each tile to be computed once.
#[track_caller]
fn assert_computed_once(folder: &Folder) {
    let times = computed(&folder.path("shared/p.tiles/journal"));
    assert_eq!(times, (0..15).map(|id| (id, 1)).collect());
}

#[test]
fn two_hosts_at_once_equal_one_run() {
    let Some(folder) = shared() else { return };
    on_hosts(
        &folder,
        r#"
        mount_hosts 2 2
        on_a svf_compute --plan a/p.json --threads 1 & first=$!
        on_b svf_compute --plan b/p.json --threads 1 & second=$!
        wait $first || fail "a fails"
        wait $second || fail "b fails"
        on_a svf_mosaic a/p.json a/one_a.tif & first=$!
        on_b svf_mosaic b/p.json b/parts.tif --parts 2 & second=$!
        wait $first || fail "a cannot join"
        wait $second || fail "b cannot join"
        # A tile that is lost a moment later.
        rm shared/p.tiles/r0001_c0001.tif
        (on_b svf_compute --plan b/p.json) || fail "b does not compute it again"
        on_a svf_mosaic a/p.json a/again.tif || fail "a cannot join again"
        "#,
    );
    for made in ["shared/one_a.tif", "shared/parts.vrt", "shared/again.tif"] {
        assert_equal(&folder, made, "one.tif");
    }
}

#[test]
fn two_hosts_at_once_share_a_work_folder() {
    let Some(folder) = shared() else { return };
    on_hosts(
        &folder,
        &r#"
        mount_hosts 2 2
        work() { echo $1/dem.tif $1/out.tif --work-dir $1/w --tile-size 40 --threads 1 SKY; }
        # Both believe that there is no such folder.
        [ ! -e a/w ] && [ ! -e b/w ] && [ ! -e a/out.tif ] && [ ! -e b/out.tif ] || fail "a folder"
        on_a svf_compute $(work a) & first=$!
        on_b svf_compute $(work b) & second=$!
        wait $first || fail "a fails"
        wait $second || fail "b fails"
        mkdir shared/p.tiles
        "#
        .replace("SKY", SKY),
    );
    assert_equal(&folder, "shared/out.tif", "one.tif");
    let tiles = folder.path("shared/w/tiles");
    assert_eq!(strays(&[&folder.path("shared/w"), &tiles]), Vec::<String>::new());
}

#[test]
fn what_another_host_has_made_is_not_missing() {
    let Some(folder) = shared() else { return };
    on_hosts(
        &folder,
        r#"
        mount_hosts 3600 3600
        b_misses p.tiles
        on_a svf_compute --plan a/p.json --tiles 0-3 || fail "a fails"
        b_still_misses p.tiles
        keep_forgetting b
        (on_b svf_compute --plan b/p.json --tiles 0-4) || fail "b does not find the folder"
        stop_forgetting
        b_misses p.tiles/r000{2,3,4}_c000{0,1,2}.tif all.tif
        on_a svf_compute --plan a/p.json || fail "a fails"
        b_still_misses p.tiles/r000{2,3,4}_c000{0,1,2}.tif
        keep_forgetting b
        (on_b svf_compute --plan b/p.json) || fail "b does not find the tiles"
        stop_forgetting
        # Each host writes a part, and believes that the other's is not there yet.
        b_misses o_1.tif o.vrt
        [ ! -e a/o_2.tif ] || fail "a part"
        on_a svf_mosaic a/p.json a/o.tif --part 1/2 || fail "a cannot write its part"
        b_still_misses o_1.tif
        keep_forgetting b
        (on_b svf_mosaic b/p.json b/o.tif --part 2/2) || fail "b cannot write its part"
        stop_forgetting
        [ -e shared/o.vrt ] || fail "nobody writes the VRT"
        b_misses q.json
        cp -p shared/p.json shared/q.json
        b_still_misses q.json
        keep_forgetting b
        (on_b svf_mosaic b/q.json b/all.tif) || fail "b does not find the plan"
        "#,
    );
    assert_computed_once(&folder);
    for made in ["shared/o.vrt", "shared/all.tif"] {
        assert_equal(&folder, made, "one.tif");
    }
}

#[test]
fn what_another_host_has_removed_is_made_again() {
    let Some(folder) = shared() else { return };
    on_hosts(
        &folder,
        r#"
        mount_hosts 3600 3600
        on_a svf_compute --plan a/p.json || fail "a fails"
        ls -l b/p.tiles > /dev/null
        rm shared/p.tiles/r000{1,4}_c0002.tif
        [ -e b/p.tiles/r0001_c0002.tif ] || fail "b does not remember it"
        (on_b svf_mosaic b/p.json b/all.tif)
        [ $? = 3 ] || fail "b joins what is not there"
        (on_b svf_compute --plan b/p.json) || fail "b cannot write them again"
        (on_b svf_mosaic b/p.json b/all.tif) || fail "b cannot join"
        "#,
    );
    let mut expected: std::collections::BTreeMap<u64, u32> = (0..15).map(|id| (id, 1)).collect();
    expected.extend([(5, 2), (14, 2)]);
    assert_eq!(computed(&folder.path("shared/p.tiles/journal")), expected);
    assert_equal(&folder, "shared/all.tif", "one.tif");
}

#[test]
fn tiles_that_another_host_finished_are_not_computed_again() {
    let Some(folder) = shared() else { return };
    on_hosts(
        &folder,
        r#"
        # Of what is not there, only.
        mount_hosts 0 3600
        on_a svf_compute --plan a/p.json || fail "a fails"
        mkdir done
        mv shared/p.tiles/*.tif done
        # Another host has begun all of them.
        for tile in $tiles; do
          echo '{"host":"c","pid":1,"what":"tile","boot":"-","locked":true,"renewed_s":10,"token":"'$tile'","renewals":3}' \
            > shared/p.tiles/.$tile.claim
        done
        (on_b svf_compute --plan b/p.json) 2> said & second=$!
        until grep -q "waiting for other processes" said; do
          kill -0 $second || fail "b does not wait: $(cat said)"
          sleep 0.05
        done
        # It finishes them, while b believes that they are missing.
        b_misses p.tiles/r0000_c0000.tif
        mv done/*.tif shared/p.tiles
        rm shared/p.tiles/.*.claim
        b_still_misses p.tiles/r0000_c0000.tif
        sleep 1
        keep_forgetting b
        wait $second || fail "b fails: $(cat said)"
        (on_b svf_mosaic b/p.json b/all.tif) || fail "b cannot join"
        "#,
    );
    assert_computed_once(&folder);
    assert_equal(&folder, "shared/all.tif", "one.tif");
}

#[test]
fn tiles_that_two_hosts_computed_are_no_failure() {
    let Some(folder) = shared() else { return };
    on_hosts(
        &folder,
        r#"
        mount_hosts 3600 3600
        mkdir shared/p.tiles
        # No host can claim a tile.
        for tile in $tiles; do mkdir shared/p.tiles/.$tile.claim; done
        # Both believe from the beginning to the end that no tile is there. So who is first writes
        # all of them, and the other finds each name taken.
        for tile in $tiles; do [ ! -e a/p.tiles/$tile ] || fail; [ ! -e b/p.tiles/$tile ] || fail; done
        { on_a svf_compute --plan a/p.json --threads 1; echo $? > code_a; } & first=$!
        { (on_b svf_compute --plan b/p.json --threads 1); echo $? > code_b; } & second=$!
        until [ -e code_a ] || [ -e code_b ]; do sleep 0.05; done
        keep_forgetting a b
        wait $first $second
        stop_forgetting
        [ "$(cat code_a code_b)" = $'0\n0' ] || fail "they end with $(cat code_a code_b)"
        rmdir shared/p.tiles/.*.claim
        (on_b svf_mosaic b/p.json b/all.tif) || fail "b cannot join"
        "#,
    );
    assert_equal(&folder, "shared/all.tif", "one.tif");
}
