//! Manifests, and the recipes that they name, over any files: a converter may refuse, and no more.
#![no_main]

use fuzz::Input;
use libfuzzer_sys::fuzz_target;
use model_store::recipes::{ALL, by_name};
use model_store::{Catalogue, Manifest};
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

/// Names under which recipes look for their sources.
const FILES: [&str; 14] = [
    "kokoro.onnx",
    "config.json",
    "model.onnx",
    "model.bin",
    "encoder_model.onnx",
    "decoder_model_merged.onnx",
    "encoder_model_quantized.onnx",
    "decoder_model_merged_quantized.onnx",
    "generation_config.json",
    "silero_vad_16k_sequence.onnx",
    "smart-turn-v3.2-cpu.onnx",
    "en-us.lm.bin",
    "tokenizer.json",
    "vocabulary.txt",
];

static FOLDERS: LazyLock<[PathBuf; 2]> = LazyLock::new(|| {
    let folder = fuzz::folder("recipes");
    [folder.join("input"), folder.join("output")]
});

fuzz_target!(|bytes: &[u8]| {
    match bytes.split_first() {
        Some((0..32, rest)) => convert(bytes[0], Input(rest)),
        _ => manifest(bytes),
    }
});

/// A catalogue of one manifest and, after a NUL, the lists of variants.
fn manifest(bytes: &[u8]) {
    let mut input = Input(bytes);
    let Ok(text) = str::from_utf8(input.until(0)) else {
        return;
    };
    let lists = str::from_utf8(input.0).unwrap_or_default();
    let table: toml::Table = toml::from_str(text).unwrap_or_default();
    let id = table.get("id").and_then(toml::Value::as_str).unwrap_or("x");
    let file = format!("{id}.toml");
    if let Ok(manifest) = Manifest::parse(&file, text) {
        for arch in ["x86_64", "aarch64"] {
            assert_eq!(manifest.key(arch).len(), 16);
            let _ = (manifest.outputs(arch), manifest.source_bytes(arch));
        }
        for package in &manifest.packages {
            assert!(!package.cache_name().contains(['/', '\\']));
            let _ = package.label();
        }
        let _ = by_name(&manifest.recipe.name).map(|recipe| recipe.version());
    }
    if let Ok(catalogue) = Catalogue::parse([(file.as_str(), text)], lists) {
        let _ = (
            catalogue.get(id),
            catalogue.group("test"),
            catalogue.unused("cuda", id),
        );
        let _ = model_store::licences::licences(&catalogue);
    }
}

/// Files as parts: which name, and what is in it.
fn convert(which: u8, mut input: Input) {
    let recipe = ALL[usize::from(which) % ALL.len()];
    for folder in FOLDERS.iter() {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).expect("a folder can be made");
    }
    while !input.0.is_empty() {
        let name = input.one_of(&FILES);
        fs::write(FOLDERS[0].join(name), input.part()).expect("a file can be written");
    }
    let _ = recipe.run(&FOLDERS[0], &FOLDERS[1]);
}
