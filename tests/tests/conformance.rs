//! Every service behaves as the gateway's OpenAPI document says: Schemathesis asks through the gateway.

use e2e::{Model, Stack};

/// Many requests, from one address and one token.
const LIMITS: [(&str, &str); 2] = [
    ("RATE_LIMIT_RPM", "1000000"),
    ("RATE_LIMIT_CHARACTERS", "100000000"),
];

#[test]
fn the_gateway_behaves_as_its_document_says() {
    Stack::start(&LIMITS).conforms_below("^/(auth/|status$)");
}

#[test]
fn recognition_behaves_as_its_document_says() {
    Stack::start(&LIMITS).conforms_below("^/asr/");
}

#[test]
fn synthesis_behaves_as_its_document_says() {
    Stack::speaking(&LIMITS).conforms_below("^/tts/");
}

#[test]
fn the_agent_behaves_as_its_document_says() {
    // With a model that answers in words, and with none: what then rules answer is tried as well.
    let model = Model::saying(&["Two takeaways."]);
    let thinks = [
        ("LLM_PROVIDER", "openai"),
        ("LLM_BASE_URL", &model.url),
        ("LLM_MODEL", "stand-in"),
    ];
    Stack::reasoning(&[&LIMITS[..], &thinks].concat()).conforms_below("^/agent/");
    Stack::reasoning(&LIMITS).conforms_below("^/agent/");
}

#[test]
fn voice_calling_behaves_as_its_document_says() {
    // A telephone company that nobody reaches: set up, so that its part is tried as well.
    let stack = Stack::people(&[
        ("TWILIO_ACCOUNT_SID", "AC1"),
        ("TWILIO_AUTH_TOKEN", "secret"),
        ("TWILIO_PHONE_NUMBER", "+14155550000"),
        ("TWILIO_API_URL", "http://127.0.0.1:9"),
    ]);
    let jar = stack.data.path().join("cookies").display().to_string();
    let account = r#"{"email": "owner@example.com", "password": "correct horse battery"}"#;
    let json = "Content-Type: application/json";
    let signup = stack.curl(&[
        "/bot/api/auth/signup",
        "-H",
        json,
        "-d",
        account,
        // In one: a path on its own would be taken for an address.
        &format!("-c{jar}"),
    ]);
    assert_eq!(signup.status, 201, "{}", signup.body);
    let cookies = std::fs::read_to_string(&jar).expect("curl keeps cookies");
    let token = cookies
        .lines()
        .find_map(|line| line.split_once("\taccess_token\t"));
    let cookie = format!(
        "Cookie: access_token={}",
        token.expect("signing up signs in").1
    );
    // Signing out would end the session that the rest needs: on its own, at the end. The events of all
    // calls go on for a quarter of an hour; voice-bot's own tests read them.
    let below = ["--include-path-regex", "^/bot/"];
    let rest = [
        "--exclude-path",
        "/bot/api/auth/logout",
        "--exclude-path",
        "/bot/api/calls/events",
    ];
    stack.conforms(&cookie, &[&below[..], &rest].concat());
    stack.conforms(&cookie, &["--include-path", "/bot/api/auth/logout"]);
}
