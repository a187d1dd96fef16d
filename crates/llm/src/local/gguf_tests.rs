//! Headers: whole, cut and damaged.

use super::*;
use proptest::prelude::*;

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

/// A model of one tensor, 64 by 2 values of Q8_0.
fn model(template: Option<&str>) -> Vec<u8> {
    let mut out = b"GGUF".to_vec();
    out.extend(3_u32.to_le_bytes());
    out.extend(1_u64.to_le_bytes());
    out.extend((3 + u64::from(template.is_some())).to_le_bytes());
    text(&mut out, "general.architecture");
    out.extend(8_u32.to_le_bytes());
    text(&mut out, "qwen2");
    text(&mut out, "qwen2.context_length");
    out.extend(4_u32.to_le_bytes());
    out.extend(32768_u32.to_le_bytes());
    text(&mut out, "tokenizer.ggml.tokens");
    out.extend(9_u32.to_le_bytes());
    out.extend(8_u32.to_le_bytes());
    out.extend(2_u64.to_le_bytes());
    text(&mut out, "a");
    text(&mut out, "b");
    if let Some(template) = template {
        text(&mut out, "tokenizer.chat_template");
        out.extend(8_u32.to_le_bytes());
        text(&mut out, template);
    }
    text(&mut out, "output.weight");
    out.extend(2_u32.to_le_bytes());
    out.extend(64_u64.to_le_bytes());
    out.extend(2_u64.to_le_bytes());
    out.extend(8_u32.to_le_bytes());
    out.extend(0_u64.to_le_bytes());
    out.resize(out.len().next_multiple_of(32), 0);
    out.resize(out.len() + 34 * 4, 1);
    out
}

fn parsed(bytes: &[u8]) -> Result<Header, String> {
    parse(bytes, bytes.len() as u64)
}

#[test]
fn a_whole_file_tells_its_template_and_its_context() {
    let header = parsed(&model(Some("{{ messages }}"))).expect("it is whole");
    assert_eq!(header.architecture, "qwen2");
    assert_eq!(header.template, "{{ messages }}");
    assert_eq!(header.context, Some(32768));
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_refused() {
    let whole = model(Some("t"));
    for length in 0..whole.len() {
        let error = parsed(&whole[..length]).expect_err("it is cut");
        assert!(
            error.contains("cut off") || error.contains("not a GGUF"),
            "{length}: {error}"
        );
    }
}

#[test]
fn other_files_are_refused_with_the_reason() {
    let base = parsed(&model(None)).expect_err("no template");
    assert!(base.contains("not a chat model"), "{base}");
    let garbage = parsed(&[7; 4096]).expect_err("garbage");
    assert!(garbage.contains("not a GGUF"), "{garbage}");
}

proptest! {
    #[test]
    fn no_damage_makes_it_panic(at in 0_usize..400, byte: u8, length in 0_usize..800) {
        let mut bytes = model(Some("template"));
        let at = at % bytes.len();
        bytes[at] = byte;
        bytes.truncate(length);
        let _ = parsed(&bytes);
    }
}
