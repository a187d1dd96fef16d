//! What goes into images: whole models without the files that nothing reads.
#![cfg(feature = "fetch")]
#![allow(clippy::unwrap_used)] // tests fail by panicking

mod support;

use std::fs;

use model_store::verify::verify;
use model_store::{Installed, Store};
use support::{World, names};

/// A model of two files, of which `cpu` reads one.
fn world() -> World {
    let world = World::new();
    let package = world.package(
        "npm",
        "pair-pkg",
        &[
            ("package/small.bin", "small.bin", b"small"),
            ("package/big.bin", "big.bin", b"big, and for cuda only"),
        ],
    );
    world.model("pair", &package);
    let lists = "[variants]\nen-lite = [\"pair\"]\n[unused.cpu]\npair = [\"big.bin\"]\n";
    fs::write(world.path("models/variants.toml"), lists).unwrap();
    world
}

#[test]
fn an_exported_model_is_whole_without_what_nothing_reads() {
    let world = world();
    world.fetch(&["pair"]).unwrap();
    let to = world.path("image");
    let export = ["export", "--variant", "en-lite", to.to_str().unwrap()];
    let (ok, _, stderr) = world.run(&export);
    assert!(ok, "{stderr}");

    let store = Store::open(&to).with_catalogue(world.store().catalogue().clone());
    let dir = store.dir("pair").unwrap();
    assert_eq!(names(&dir), ["installed.json", "small.bin"]);
    assert_eq!(Installed::read(&dir).unwrap().left_out, ["big.bin"]);
    assert!(store.file("pair", "big.bin").is_err());
    assert_eq!(verify(&store, &world.manifest("pair")).unwrap(), 5);

    let (ok, stdout, _) = world.run(&export);
    assert!(ok && stdout.contains("0.0 kB new"), "{stdout}");
}

#[test]
fn a_model_that_is_not_installed_or_damaged_is_not_exported() {
    let world = world();
    let to = world.path("image");
    let export = ["export", "--variant", "en-lite", to.to_str().unwrap()];
    let (ok, _, stderr) = world.run(&export);
    assert!(!ok && stderr.contains("not installed"), "{stderr}");

    world.fetch(&["pair"]).unwrap();
    let file = world.store().file("pair", "small.bin").unwrap();
    fs::write(file, "smell").unwrap();
    let (ok, _, stderr) = world.run(&export);
    assert!(!ok && stderr.contains("checksum"), "{stderr}");
}

#[test]
fn an_unused_file_must_be_one_of_the_model() {
    let world = world();
    let lists = "[unused.cpu]\npair = [\"bag.bin\"]\n";
    fs::write(world.path("models/variants.toml"), lists).unwrap();
    let (ok, _, stderr) = world.run(&["list"]);
    assert!(!ok && stderr.contains("bag.bin"), "{stderr}");
}
