//! ECAPA's checkpoint: only the one that the table describes is taken. What its graph computes is
//! tested against the authors' code in `crates/speech/tests/voice.rs`.

use std::fs::File;
use std::io::Write as _;

use model_store::recipes::by_name;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

/// The first tensor of the table and its size.
const FIRST: (&str, usize) = ("archive/data/94781252811536", 1024 * 80 * 5 * 4);

fn refusal(entries: &[(&str, usize)]) -> String {
    let (input, output) = (tempfile::tempdir(), tempfile::tempdir());
    let (input, output) = (input.expect("a folder"), output.expect("a folder"));
    let file = File::create(input.path().join("embedding_model.ckpt")).expect("writable");
    let mut zip = ZipWriter::new(file);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, size) in entries {
        zip.start_file(*name, options).expect("writable");
        zip.write_all(&vec![0; *size]).expect("writable");
    }
    zip.finish().expect("writable");
    let recipe = by_name("ecapa").expect("a recipe");
    let refusal = recipe.run(input.path(), output.path());
    assert_eq!(output.path().read_dir().expect("a folder").count(), 0);
    refusal.expect_err("it is not the checkpoint").to_string()
}

#[test]
fn a_checkpoint_without_a_tensor_is_refused_by_the_tensors_name() {
    let said = refusal(&[]);
    assert!(
        said.contains("embedding_model.ckpt: blocks.0.conv.conv.weight"),
        "{said}"
    );
    let said = refusal(&[FIRST]);
    assert!(said.contains("blocks.0.conv.conv.bias"), "{said}");
}

#[test]
fn a_tensor_of_another_size_is_refused_before_it_is_read() {
    for size in [0, FIRST.1 - 4, FIRST.1 + 4, 1 << 27] {
        let said = refusal(&[(FIRST.0, size)]);
        let words = format!(
            "blocks.0.conv.conv.weight has {size} bytes instead of {}",
            FIRST.1
        );
        assert!(said.contains(&words), "{said}");
    }
}

#[test]
fn what_is_no_zip_is_refused() {
    let (input, output) = (tempfile::tempdir(), tempfile::tempdir());
    let (input, output) = (input.expect("a folder"), output.expect("a folder"));
    std::fs::write(input.path().join("embedding_model.ckpt"), b"PK or not").expect("writable");
    let recipe = by_name("ecapa").expect("a recipe");
    assert!(recipe.run(input.path(), output.path()).is_err());
}
