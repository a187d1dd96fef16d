//! Uploads as the recognition service reads them: a multipart body in odd chunks off the socket, its
//! files spooled, its fields understood; and the same as a query. How the body is cut makes no
//! difference.
#![no_main]

use asr_server::options;
use asr_server::profiles::Catalogue;
use asr_server::spool::{ReadCount, Recording};
use asr_server::upload::{self, Upload};
use axum::body::{Body, Bytes};
use axum::extract::Request;
use fuzz::Input;
use libfuzzer_sys::fuzz_target;
use model_store::Variant;
use service::{ApiError, ApiResult, Form};
use std::convert::Infallible;
use std::io::Read;
use std::sync::LazyLock;
use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().build().expect("a runtime"));
static CATALOGUES: LazyLock<Vec<Catalogue>> =
    LazyLock::new(|| Variant::ALL.into_iter().map(Catalogue::of).collect());

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input(bytes);
    let (kind, cuts) = (input.byte(), input.byte());
    let catalogue = &CATALOGUES[usize::from(kind >> 1) % CATALOGUES.len()];
    if kind & 1 == 1 {
        let query = String::from_utf8_lossy(input.0);
        let _ = Form::from_query(&query).and_then(|mut form| options::parse(&mut form, catalogue));
        return;
    }
    let whole = read(vec![Bytes::copy_from_slice(input.0)]);
    let pieces = read(cut(input.0, cuts));
    match (whole, pieces) {
        (Ok(whole), Ok(pieces)) => {
            assert_eq!(contents(&whole), contents(&pieces));
            let mut form = whole.form;
            if let Err(error) = options::parse(&mut form, catalogue) {
                refused(&error);
            }
        }
        (Err(whole), Err(pieces)) => {
            refused(&whole);
            refused(&pieces);
        }
        (whole, pieces) => panic!("{whole:?} in one piece, {pieces:?} in several"),
    }
});

fn read(chunks: Vec<Bytes>) -> ApiResult<Upload> {
    let stream = futures::stream::iter(chunks.into_iter().map(Ok::<_, Infallible>));
    let request = Request::builder()
        .method("POST")
        .header("content-type", "multipart/form-data; boundary=X")
        .body(Body::from_stream(stream))
        .expect("a good request");
    RUNTIME.block_on(upload::read(request, 4, Form::new()))
}

/// Pieces of 1 to some 40 bytes, which follow from `seed`.
fn cut(mut bytes: &[u8], seed: u8) -> Vec<Bytes> {
    let mut number = u32::from(seed) + 1;
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let length = 1 + (number >> 24) as usize % 40;
        let (piece, rest) = bytes.split_at(length.min(bytes.len()));
        pieces.push(Bytes::copy_from_slice(piece));
        bytes = rest;
    }
    pieces
}

/// Names and bytes of the files, and the fields.
fn contents(upload: &Upload) -> (Vec<(Option<String>, Vec<u8>)>, String) {
    let bytes = |recording: &Recording| {
        let mut all = Vec::new();
        let read = recording.open(&ReadCount::default()).read_to_end(&mut all);
        assert_eq!(read.expect("it is in memory") as u64, recording.len());
        all
    };
    let files = upload.files.iter();
    let files = files.map(|file| (file.filename.clone(), bytes(&file.recording)));
    (files.collect(), format!("{:?}", upload.form))
}

/// It is the client's fault, and is told to it.
fn refused(error: &ApiError) {
    assert!(error.status().is_client_error(), "{error:?}");
    assert!(!error.message.is_empty() && error.message.len() < 20_000);
}
