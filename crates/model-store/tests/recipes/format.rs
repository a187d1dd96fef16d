//! The authors' files survive being read and written.

use crate::support::shipped;

#[test]
fn shipped_files_are_written_back_byte_for_byte() {
    for name in [
        "whisper-encoder_model_quantized.onnx",
        "whisper-decoder_model_merged_quantized.onnx",
        "moonshine-encoder_model.onnx",
        "moonshine-decoder_model_merged.onnx",
        "silero_vad.onnx",
        "silero_vad_16k_sequence.onnx",
    ] {
        let bytes = std::fs::read(shipped(name)).expect("readable");
        let model = onnx_graph::decode(&bytes).expect("a model");
        // Not by assert_eq, which would print megabytes.
        assert!(onnx_graph::encode(&model) == bytes, "{name}");
    }
}
