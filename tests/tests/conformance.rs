//! Schemathesis over the OpenAPI document of voice-bot: whatever is sent, no 5xx, no status and no
//! shape that the document does not promise.

use e2e::Stack;

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
/// A fixed seed: a run that fails fails again.
const ARGUMENTS: [&str; 10] = [
    "--checks",
    CHECKS,
    "--phases",
    "examples,coverage,fuzzing",
    "--max-examples",
    "12",
    "--seed",
    "20",
    "--generation-database",
    "none",
];

#[test]
fn the_service_behaves_as_its_document_says() {
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

    let document = format!("http://127.0.0.1:{}/openapi.json", stack.bot_port);
    // Signing out would end the session that the rest needs: on its own, at the end. The events of all
    // calls go on for a quarter of an hour; voice-bot's own tests read them.
    let rest = [
        "--exclude-path",
        "/api/auth/logout",
        "--exclude-path",
        "/api/calls/events",
    ];
    let last = ["--include-path", "/api/auth/logout"];
    for which in [&rest[..], &last[..]] {
        let mut arguments = vec!["run", document.as_str(), "-H", &cookie];
        arguments.extend(ARGUMENTS);
        arguments.extend(which);
        let output = e2e::python_command("schemathesis", &arguments);
        assert!(
            output.status.success(),
            "{}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
