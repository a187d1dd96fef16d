//! More than the server can take at once.

use crate::harness::{Form, Server, WORDS, assert_close, beckett, samples, wait, wav_of, words};
use futures::future::join_all;

#[test]
fn of_200_requests_at_once_each_ends_in_a_transcript_or_a_clean_503() {
    let server = Server::start(|config| config.asr_queue = 24);
    server.transcribe(beckett(), &[]).ok();
    let clip = Form::of(&wav_of(&[&samples()[..32_000]]), &[]);
    let answers = wait(join_all(
        (0..200).map(|_| server.post_form("/transcribe", clip.clone())),
    ));
    let mut done = 0;
    for answer in &answers {
        if answer.status == 200 {
            let text = words(answer.ok()["transcript"].as_str().unwrap());
            assert!(text.starts_with("ever tried"), "{text}");
            done += 1;
        } else {
            answer.error(503, "overloaded", None);
            assert!(
                answer.headers["retry-after"]
                    .to_str()
                    .unwrap()
                    .parse::<u64>()
                    .unwrap()
                    >= 1
            );
        }
    }
    assert!(done >= 24, "{done} of 200 were served");
    assert!(done < 200, "a queue of 24 turns some of 200 away");
    assert_eq!(server.state.admission.waiting(), 0);
    let body = server.transcribe(beckett(), &[]).ok();
    assert_close(&words(body["transcript"].as_str().unwrap()), WORDS, 0.2);
}

#[test]
fn a_short_file_does_not_wait_for_a_long_one() {
    let server = Server::start(|_| {});
    server.transcribe(beckett(), &[]).ok();
    let long = Form::of(&wav_of(&[&samples().repeat(18)]), &[]);
    let short = Form::of(&wav_of(&[&samples()[..32_000]]), &[]);
    wait(async {
        let long = async {
            server.post_form("/transcribe", long).await.ok();
            std::time::Instant::now()
        };
        let short = async {
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            server.post_form("/transcribe", short).await.ok();
            std::time::Instant::now()
        };
        let (long_done, short_done) = tokio::join!(long, short);
        assert!(short_done < long_done);
    });
}
