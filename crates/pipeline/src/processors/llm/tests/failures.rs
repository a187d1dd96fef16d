//! Models that fail.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_failure_is_apologised_for_and_tried_again_after_the_apology() {
    let mut call = Call::new(&[Does::Refuses, Does::Says("Until nine.")]);
    call.user("When do you close?");
    let sent = call.written().await;
    assert_eq!(sent[..3], ["failed Up", "failed Down", "<1"]);
    assert_eq!(sent.last().unwrap(), "1>");
    assert!(sent[3].starts_with("Sorry"));
    assert_eq!(call.asked().len(), 1);
    call.context.now = ms(3000);
    let stopped = Frame::BotStopped { turn: TurnId(1) };
    call.processor.process(stopped, Way::Up, &mut call.context);
    call.sent();
    assert_eq!(call.processor.wake_at(), Some(ms(4000)));
    call.context.now = ms(4000);
    call.processor.wake(&mut call.context);
    let sent = call.written().await;
    assert_eq!(
        sent,
        ["recovered Up", "recovered Down", "<2", "Until nine.", "2>"]
    );
}

#[tokio::test(start_paused = true)]
async fn the_second_failure_in_a_row_ends_the_call() {
    let mut call = Call::new(&[Does::Refuses, Does::Refuses]);
    call.user("One?");
    call.written().await;
    call.user("Two?");
    let sent = call.written().await;
    assert!(sent[3].starts_with("I'm sorry,"), "{sent:?}");
    assert_eq!(sent[sent.len() - 2..], ["end Up", "end Down"]);
    assert_eq!(call.processor.wake_at(), None);
}

#[tokio::test(start_paused = true)]
async fn an_answer_between_two_failures_forgives_the_first() {
    let mut call = Call::new(&[Does::Refuses, Does::Says("Yes."), Does::Refuses]);
    for text in ["One?", "Two?", "Three?"] {
        call.user(text);
        let sent = call.written().await;
        assert!(!sent.contains(&"end Up".to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_breaks_off_ends_in_an_apology_of_the_same_answer() {
    let mut call = Call::new(&[Does::Breaks("We close at nine. And on Sundays we")]);
    call.user("When do you close?");
    let sent = call.written().await;
    let expected = ["<1", "We close at nine.", "failed Up", "failed Down"];
    assert_eq!(sent[..4], expected);
    assert!(sent[4].starts_with("Sorry"), "{sent:?}");
    assert_eq!(sent.last().unwrap(), "1>");
    call.context.dialogue.assistant("We close at nine. Sorry.");
    call.context.now = ms(10_000);
    call.processor.wake(&mut call.context);
    call.model
        .does
        .lock()
        .unwrap()
        .push_back(Does::Says("At five on Sundays."));
    call.written().await;
    let asked = call.asked().pop().unwrap();
    assert!(matches!(asked.messages.last(), Some(Message::Developer(_))));
}

#[tokio::test(start_paused = true)]
async fn why_it_failed_has_no_words_of_the_provider() {
    for does in [Does::Refuses, Does::Breaks("Well. ")] {
        let mut call = Call::new(&[does]);
        call.user("One?");
        while let Ok(Some((_, frame))) = timeout(ms(1000), call.mail.recv()).await {
            call.processor.arrived(frame, &mut call.context);
        }
        for (frame, _) in call.context.take_sent() {
            if let Frame::Failed { why, .. } = frame {
                assert!(!why.contains("secret"), "{why}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_words_is_a_failure() {
    let mut call = Call::new(&[Does::Says("*smiles* \u{1F600}")]);
    call.user("One?");
    let sent = call.written().await;
    assert_eq!(sent[..3], ["<1", "failed Up", "failed Down"]);
    assert!(sent[3].starts_with("Sorry"));
}

#[tokio::test(start_paused = true)]
async fn when_the_turns_say_that_it_is_stuck_the_request_ends() {
    let mut call = Call::new(&[Does::Stalls("")]);
    call.user("One?");
    call.written().await;
    let stuck = Frame::Failed {
        part: Part::Llm,
        why: "nothing".into(),
    };
    let sent = call.down(stuck);
    let told = sent.iter().filter(|sent| *sent == "failed Down");
    assert_eq!(told.count(), 1);
    assert!(
        sent.iter().any(|sent| sent.starts_with("Sorry")),
        "{sent:?}"
    );
    tokio::time::sleep(ms(1)).await;
    assert_eq!(call.open(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_second_try_is_not_waited_for_as_long_as_the_first() {
    let mut call = Call::new(&[Does::Refuses, Does::Stalls("")]);
    call.user("One?");
    call.written().await;
    call.wake();
    assert_eq!(call.asked().len(), 1, "the apology is not over");
    call.context.now = ms(10_000);
    call.wake();
    call.written().await;
    assert_eq!(call.asked().len(), 2);
    call.context.now = ms(18_000);
    let sent = call.wake();
    assert!(sent.contains(&"end Down".to_owned()), "{sent:?}");
    assert_eq!(call.processor.wake_at(), None);
}

#[tokio::test(start_paused = true)]
async fn a_failure_while_the_call_closes_is_its_last_word() {
    let mut call = Call::new(&[Does::Refuses]);
    call.user("One?");
    call.context.state = TurnState::Closing;
    let sent = call.written().await;
    assert!(sent[3].starts_with("I'm sorry,"), "{sent:?}");
    assert_eq!(call.processor.wake_at(), None);
}
