//! Turns and answers.

use super::*;

#[tokio::test(start_paused = true)]
async fn the_greeting_is_said_first() {
    let mut call = Call::new(&[]);
    assert_eq!(call.down(Frame::Start), ["Start", "<1", "Hello.", "1>"]);
    assert!(call.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_turn_becomes_an_answer_in_phrases() {
    let mut call = Call::new(&[Does::Says(
        "We are open until nine, and on Sundays we close at five. Shall I book a table?",
    )]);
    call.context.dialogue.developer("The caller sounds happy.");
    assert_eq!(call.user("When do you close?"), ["turn"]);
    let sent = call.written().await;
    let expected = [
        "<1",
        "We are open until nine,",
        "and on Sundays we close at five.",
        "Shall I book a table?",
        "1>",
    ];
    assert_eq!(sent, expected);
    let asked = &call.asked()[0];
    let system = asked.system.as_deref().unwrap();
    assert!(system.starts_with("You are helpful.") && system.contains("Speak English"));
    assert_eq!(asked.max_tokens, Some(400));
    let last = Message::User("When do you close?".into());
    assert_eq!(asked.messages.last(), Some(&last));
    assert_eq!(asked.messages.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_interruption_ends_the_request_at_the_provider() {
    let mut call = Call::new(&[Does::Stalls("We are open until nine, and ")]);
    call.user("When do you close?");
    assert_eq!(call.written().await, ["<1", "We are open until nine,"]);
    assert_eq!(call.open(), 1);
    assert_eq!(call.down(Frame::Interrupt), ["Interrupt"]);
    tokio::time::sleep(ms(1)).await;
    assert_eq!(call.open(), 0);
    assert_eq!(call.written().await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_ends_leaves_no_request_behind() {
    let mut call = Call::new(&[Does::Stalls(""), Does::Stalls("")]);
    call.user("One.");
    call.down(Frame::Guess(turn("Two.")));
    call.written().await;
    assert_eq!(call.open(), 2);
    let Call {
        model, processor, ..
    } = call;
    drop(processor);
    tokio::time::sleep(ms(1)).await;
    assert_eq!(model.open.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn what_a_cancelled_request_still_sent_is_not_said() {
    let mut call = Call::new(&[
        Does::Says("The first answer."),
        Does::Says("The second one."),
    ]);
    call.user("One?");
    tokio::time::sleep(ms(10)).await;
    call.down(Frame::Interrupt);
    call.user("Two?");
    assert_eq!(call.written().await, ["<1", "The second one.", "1>"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_to_be_said_waits_for_the_answer_under_way() {
    let mut call = Call::new(&[Does::Says("Until nine.")]);
    call.user("When do you close?");
    assert!(call.down(Frame::Say("Are you there?".into())).is_empty());
    let expected = ["<1", "Until nine.", "1>", "<2", "Are you there?", "2>"];
    assert_eq!(call.written().await, expected);
    let said = call.down(Frame::Say("Bye.".into()));
    assert_eq!(said, ["<3", "Bye.", "3>"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_once_the_call_closes() {
    let mut call = Call::new(&[]);
    call.context.state = TurnState::Closing;
    assert_eq!(call.user("Wait."), ["turn"]);
    call.down(Frame::Guess(turn("Wait.")));
    assert!(call.written().await.is_empty());
    assert!(call.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_callers_words_come_last_though_they_cut_an_answer() {
    let mut call = Call::new(&[Does::Says("Yes.")]);
    call.context.dialogue.user("1", false);
    call.context.dialogue.assistant("For sales, press");
    call.down(Frame::UserTurn(turn("1")));
    call.written().await;
    let asked = &call.asked()[0].messages;
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1], Message::User("1".into()));
}
