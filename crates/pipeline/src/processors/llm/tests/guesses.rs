//! Thinking ahead.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_guess_that_was_right_is_said_at_once() {
    let mut call = Call::new(&[Does::Says("Until nine.")]);
    assert!(
        call.down(Frame::Guess(turn("when do you close")))
            .is_empty()
    );
    assert!(call.written().await.is_empty());
    let said = call.user("When do you close?");
    assert_eq!(said, ["turn", "<1", "Until nine.", "1>"]);
    assert_eq!(call.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_guess_that_still_streams_goes_on() {
    let mut call = Call::new(&[Does::Stalls("We are open until nine, and")]);
    call.down(Frame::Guess(turn("When do you close?")));
    call.written().await;
    let said = call.user("When do you close?");
    assert_eq!(said, ["turn", "<1", "We are open until nine,"]);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_guess_is_dropped() {
    let mut call = Call::new(&[Does::Stalls("Until nine,"), Does::Says("Until five.")]);
    call.down(Frame::Guess(turn("When do you close?")));
    call.written().await;
    call.user("When do you close on Sunday?");
    assert_eq!(call.written().await, ["<1", "Until five.", "1>"]);
    assert_eq!(call.open(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_turn_has_two_guesses_and_the_next_turn_two_more() {
    let mut call = Call::new(&vec![Does::Says("Yes."); 5]);
    for text in ["a", "a b", "a b c"] {
        call.down(Frame::Guess(turn(text)));
        call.written().await;
    }
    assert_eq!(call.asked().len(), 2);
    call.user("a b c");
    call.written().await;
    call.down(Frame::Guess(turn("d")));
    call.written().await;
    assert_eq!(call.asked().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_guess_that_failed_is_asked_again_as_a_turn() {
    let mut call = Call::new(&[Does::Refuses, Does::Says("Yes.")]);
    call.down(Frame::Guess(turn("a")));
    call.written().await;
    call.user("a");
    assert_eq!(call.written().await, ["<1", "Yes.", "1>"]);
}

#[tokio::test(start_paused = true)]
async fn a_model_on_this_machine_reads_its_instructions_during_the_greeting() {
    let mut call = Call::with(&[Does::Stalls("Hel"), Does::Says("Until nine.")], true);
    call.down(Frame::Start);
    assert!(call.written().await.is_empty());
    let asked = &call.asked()[0];
    assert_eq!(asked.max_tokens, Some(1));
    call.context.dialogue.assistant("Hello.");
    call.user("When do you close?");
    assert_eq!(call.written().await, ["<2", "Until nine.", "2>"]);
    assert_eq!(call.open(), 0);
    let turn = &call.asked()[1];
    assert_eq!(turn.system, asked.system);
    assert_eq!(turn.messages[0], asked.messages[0]);
}
