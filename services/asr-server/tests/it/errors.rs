//! Bad input: each kind with the status, code and message it gives, and a server that goes on.

use crate::harness::{
    Form, Server, WORDS, assert_close, beckett, converted, interleave, samples, server, wait, wav,
    wav_of, words,
};
use axum::body::Bytes;
use http::Request;
use http_body_util::Full;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The next request works.
fn works(server: &Server) {
    let transcript = server.transcribe(beckett(), &[]).ok();
    assert_close(
        &words(transcript["transcript"].as_str().unwrap()),
        WORDS,
        0.2,
    );
}

fn post(form: Form) -> crate::harness::Answer {
    wait(server().post_form("/transcribe", form))
}

#[test]
fn no_file_part_is_422_and_says_how_to_send_one() {
    let message =
        post(Form::default().field("language", "en")).error(422, "missing_parameter", Some("file"));
    assert!(message.contains("curl -F file=@"), "{message}");
}

#[test]
fn two_files_are_422_and_point_to_the_batch() {
    let form = Form::default()
        .file("a.wav", beckett())
        .file("b.wav", beckett());
    let message = post(form).error(422, "invalid_parameter", Some("file"));
    assert!(message.contains("/transcribe/batch"), "{message}");
}

#[test]
fn an_empty_file_is_422() {
    let message = post(Form::default().file("a.wav", b"")).error(422, "empty_audio", Some("file"));
    assert!(message.contains("no bytes"), "{message}");
}

#[test]
fn a_file_of_no_samples_is_422() {
    let message = server()
        .transcribe(&wav(1, &[], 0), &[])
        .error(422, "empty_audio", Some("file"));
    assert!(message.contains("no audio samples"), "{message}");
}

#[test]
fn a_text_file_named_mp3_is_415_and_says_what_is_read() {
    let form = Form::default().file(
        "song.mp3",
        b"Never gonna give you up, never gonna let you down.\n",
    );
    let message = post(form).error(415, "unsupported_audio", Some("file"));
    assert!(
        message.contains("MP3") && message.contains("WAV"),
        "{message}"
    );
}

#[test]
fn an_mp4_cut_before_its_index_is_422() {
    let whole = converted("m4a", &["-c:a", "aac"]);
    let message = server().transcribe(&whole[..whole.len() / 2], &[]).error(
        422,
        "corrupt_audio",
        Some("file"),
    );
    assert!(message.contains("damaged"), "{message}");
    works(server());
}

#[test]
fn an_mp3_cut_in_the_middle_gives_what_is_there() {
    let whole = converted("mp3", &["-b:a", "64k"]);
    let transcript = server().transcribe(&whole[..whole.len() / 2], &[]).ok();
    let text = words(transcript["transcript"].as_str().unwrap());
    assert!(text.starts_with("ever tried ever failed"), "{text}");
    assert!(transcript["duration"].as_f64().unwrap() < 6.0);
}

#[test]
fn ten_claimed_hours_cost_nothing_and_give_what_is_there() {
    let data = interleave(&[samples()]);
    let began = Instant::now();
    let transcript = server()
        .transcribe(&wav(1, &data, 10 * 3600 * 32_000), &[])
        .ok();
    assert!(began.elapsed() < Duration::from_secs(20));
    assert_close(
        &words(transcript["transcript"].as_str().unwrap()),
        WORDS,
        0.2,
    );
    assert!(
        (transcript["duration"].as_f64().unwrap() - samples().len() as f64 / 16_000.0).abs() < 0.01
    );
    let warnings = transcript["warnings"].as_array().unwrap();
    assert!(
        warnings
            .iter()
            .any(|w| w.as_str().unwrap().contains("ends early")),
        "{warnings:?}"
    );
}

#[test]
fn audio_over_the_limit_is_413_and_names_the_limit() {
    let server = Server::start(|config| config.max_audio_seconds = 5);
    let message = server
        .transcribe(beckett(), &[])
        .error(413, "audio_too_long", Some("file"));
    assert!(message.contains("5 s"), "{message}");
    let pcm = wait(server.post(
        "/transcribe/pcm",
        "application/octet-stream",
        interleave(&[samples()]),
    ));
    pcm.error(413, "audio_too_long", Some("file"));
    let short = wav_of(&[&samples()[..64_000]]);
    server.transcribe(&short, &[]).ok();
}

#[test]
fn an_overlong_recording_is_refused_before_minutes_of_it_are_heard() {
    let server = Server::start(|config| config.max_audio_seconds = 590);
    server.transcribe(beckett(), &[]).ok();
    let ten_minutes = wav_of(&[&samples().repeat(61)]);
    let began = Instant::now();
    server
        .transcribe(&ten_minutes, &[])
        .error(413, "audio_too_long", Some("file"));
    // Hearing all of it takes three times as long even on a fast machine.
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn an_unknown_model_is_422_with_the_loaded_ones() {
    for model in ["whisper-large", "hinglish-loans"] {
        let field = format!("model={model}");
        let message =
            server()
                .transcribe(beckett(), &[&field])
                .error(422, "model_not_loaded", Some("model"));
        assert!(
            message.contains(model) && message.contains("en-in-tech-misc, moonshine-tiny-en"),
            "{message}"
        );
    }
}

#[test]
fn an_unknown_language_is_422_with_the_known_ones() {
    let message = server().transcribe(beckett(), &["language=xx"]).error(
        422,
        "unsupported_language",
        Some("language"),
    );
    assert!(
        message.contains("`xx`") && message.contains("auto, en"),
        "{message}"
    );
}

#[test]
fn a_wrong_type_is_422_with_its_field() {
    let message = server()
        .transcribe(beckett(), &["word_timestamps=maybe"])
        .error(422, "invalid_parameter", Some("word_timestamps"));
    assert!(message.contains("true, false"), "{message}");
}

#[test]
fn a_broken_multipart_body_is_400() {
    let whole = Form::of(beckett(), &[]).open_end();
    for body in [
        whole,
        b"no parts at all".to_vec(),
        b"--XyZ\r\nContent-Disp".to_vec(),
        Vec::new(),
    ] {
        wait(server().post("/transcribe", Form::TYPE, body)).error(
            400,
            "malformed_multipart",
            None,
        );
    }
    works(server());
}

#[test]
fn a_part_whose_head_never_ends_is_400() {
    let mut body = b"--XyZ\r\nContent-Disposition: form-data; name=\"".to_vec();
    body.resize(24 * 1024 * 1024, b'a');
    wait(server().post("/transcribe", Form::TYPE, body)).error(400, "malformed_multipart", None);
}

#[test]
fn another_media_type_is_415() {
    for kind in ["application/json", "multipart/form-data", "audio/wav"] {
        let message = wait(server().post("/transcribe", kind, beckett())).error(
            415,
            "unsupported_media_type",
            None,
        );
        assert!(message.contains("multipart/form-data"), "{message}");
    }
}

#[test]
fn a_body_over_the_limit_is_413_whether_its_length_is_told_or_not() {
    let server = Server::start(|config| config.common.max_upload_mb = 1);
    let large = vec![0u8; 3 * 1024 * 1024];
    let message = server
        .transcribe(&large, &[])
        .error(413, "body_too_large", None);
    assert!(message.contains("1 MiB"), "{message}");
    // Chunked: the length is known to nobody.
    let body = Form::default().file("a.wav", &large).end();
    let answer = wait(async {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = format!(
            "POST /transcribe HTTP/1.1\r\nHost: x\r\nContent-Type: {}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
            Form::TYPE
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        for chunk in body.chunks(64 * 1024) {
            let part = [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat();
            if stream.write_all(&part).await.is_err() {
                break;
            }
        }
        let _ = stream.write_all(b"0\r\n\r\n").await;
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer).await;
        answer
    });
    assert!(
        answer.starts_with("HTTP/1.1 413") && answer.contains("body_too_large"),
        "{answer}"
    );
    works(&server);
}

#[test]
fn a_client_that_goes_away_mid_upload_leaves_nothing_behind() {
    let server = Server::start(|_| {});
    wait(async {
        let half = Form::of(beckett(), &[]).open_end();
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = format!(
            "POST /transcribe HTTP/1.1\r\nHost: x\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
            Form::TYPE,
            2 * half.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&half).await.unwrap();
    });
    works(&server);
    assert_eq!(server.state.admission.waiting(), 0);
}

#[test]
fn a_client_that_goes_away_while_it_waits_frees_its_place() {
    let server = Server::start(|config| {
        config.asr_concurrency = Some(1);
        config.asr_queue = 0;
    });
    works(&server);
    let minutes = wav_of(&[&samples().repeat(30)]);
    wait(async {
        let body = Form::of(&minutes, &[]).end();
        let request = Request::post(format!("http://{}/transcribe", server.address))
            .header("content-type", Form::TYPE);
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let patience = Duration::from_millis(700);
        assert!(
            tokio::time::timeout(patience, server.send(request))
                .await
                .is_err(),
            "five minutes take longer"
        );
        // Its place must be free again long before the five minutes would be done.
        let deadline = Instant::now() + Duration::from_secs(5);
        while server.state.admission.check().is_err() {
            assert!(Instant::now() < deadline, "the place is still held");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    works(&server);
}

#[test]
fn unknown_fields_are_warnings() {
    let transcript = server().transcribe(beckett(), &["colour=red"]).ok();
    let warnings: Vec<_> = transcript["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| w.as_str().unwrap())
        .collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].contains("`colour` is not known"),
        "{warnings:?}"
    );
}

#[test]
fn unknown_addresses_and_methods_are_envelopes() {
    server().get("/transcript").error(404, "not_found", None);
    server()
        .get("/transcribe")
        .error(405, "method_not_allowed", None);
}

#[test]
fn damaged_files_never_break_the_server() {
    let sound = [
        beckett().to_vec(),
        converted("mp3", &["-b:a", "64k"]),
        converted("flac", &[]),
        converted("ogg", &["-c:a", "libvorbis"]),
        converted("m4a", &["-c:a", "aac", "-movflags", "+faststart"]),
        converted("webm", &["-c:a", "libopus"]),
    ];
    let mut seed = 0x9E37_79B9_7F4A_7C15u64;
    let mut random = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed as usize
    };
    for file in &sound {
        for round in 0..4 {
            let mut broken = file.clone();
            // The first rounds strike the headers, the last ones anywhere.
            let reach = if round < 2 {
                200.min(broken.len())
            } else {
                broken.len()
            };
            for _ in 0..12 {
                broken[random() % reach] = random() as u8;
            }
            if round == 3 {
                broken.truncate(random() % file.len());
            }
            let began = Instant::now();
            let answer = server().transcribe(&broken, &[]);
            assert!(
                answer.status.is_success() || answer.status.is_client_error(),
                "{} {}",
                answer.status,
                answer.text()
            );
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "{:?}",
                began.elapsed()
            );
        }
    }
    works(server());
}
