//! The agent behind the gateway: calls are looked up for whoever the API token speaks for, and for
//! nobody else.

use e2e::{Answer, Model, Stack};
use serde_json::{Value, json};
use std::path::PathBuf;

const JSON: &str = "Content-Type: application/json";

/// Somebody with an organization, a call in it, and an API token made for them.
struct Person {
    jar: String,
    id: String,
    organization: String,
    token: String,
}

impl Person {
    fn new(stack: &Stack, name: &str) -> Person {
        let path: PathBuf = stack.data.path().join(name);
        let jar = path.display().to_string();
        let account =
            json!({"email": format!("{name}@example.com"), "password": "correct horse battery"});
        let signup = stack.curl(&[
            "/bot/api/auth/signup",
            "-H",
            JSON,
            "-d",
            &account.to_string(),
            // In one: a path on its own would be taken for an address.
            &format!("-c{jar}"),
        ]);
        assert_eq!(signup.status, 201, "{}", signup.body);
        let me = stack
            .curl(&["/bot/api/auth/me", &format!("-b{jar}")])
            .json();
        let (id, organization) = (text(&me["user"]["id"]), text(&me["organization"]["id"]));
        let token = token_for(stack, &id);
        Person {
            jar,
            id,
            organization,
            token,
        }
    }

    /// A call in which this was said.
    fn call(&self, stack: &Stack, said: &str) -> String {
        let agent = stack.curl(&[
            "/bot/api/agents",
            "-H",
            JSON,
            "-d",
            r#"{"name": "Sales"}"#,
            &format!("-b{}", self.jar),
        ]);
        let agent = text(&agent.json()["id"]);
        let segments = json!([{"speaker": "customer", "start": 0, "end": 2, "text": said}]);
        stack.sql(&format!(
            "INSERT INTO calls (id, organization_id, agent_id, direction, status, transcript)
             VALUES (gen_random_uuid(), '{}', '{agent}', 'web', 'completed', '{segments}') RETURNING id",
            self.organization
        ))
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}

fn token_for(stack: &Stack, user: &str) -> String {
    let body = json!({"user_id": user, "label": "test"}).to_string();
    let made = stack.with_token(
        &stack.admin_token(),
        &["/auth/tokens", "-H", JSON, "-d", &body],
    );
    text(&made.json()["token"])
}

/// What the model was told of a search for `parcel` and of reading a call.
fn told(stack: &Stack, model: &Model, token: &str, call: &str, rest: Value) -> String {
    model.next(json!([
        {"tool_calls": [
            {"id": "a", "function": {"name": "search_calls", "arguments": "{\"query\":\"parcel\"}"}},
            {"id": "b", "function": {"name": "get_call", "arguments": json!({"id": call}).to_string()}},
        ]},
        {"content": "done"},
    ]));
    let mut body = json!({"messages": [{"role": "user", "content": "What about the parcel?"}]});
    for (name, value) in rest.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let answer: Answer = stack.with_token(
        token,
        &[
            "/agent/voice-agent/chat/stream",
            "-H",
            JSON,
            // What a client claims is taken off by the gateway.
            "-H",
            "X-Internal-User: 00000000-0000-0000-0000-000000000000",
            "-d",
            &body.to_string(),
        ],
    );
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

#[test]
fn calls_are_looked_up_for_whom_the_token_speaks_and_for_nobody_else() {
    let model = Model::saying(&["ok"]);
    let stack = Stack::reasoning(&[
        ("LLM_PROVIDER", "openai"),
        ("LLM_BASE_URL", &model.url),
        ("LLM_MODEL", "stand-in"),
    ]);
    let (ada, bob) = (Person::new(&stack, "ada"), Person::new(&stack, "bob"));
    let call = ada.call(&stack, "my parcel is late");

    let own = told(&stack, &model, &ada.token, &call, json!({}));
    assert_eq!(own.matches("my parcel is late").count(), 2, "{own}");
    let named = json!({"organization_id": ada.organization});
    let own = told(&stack, &model, &ada.token, &call, named.clone());
    assert_eq!(own.matches("my parcel is late").count(), 2, "{own}");

    // Bob's token sees Bob's calls, whatever the request says of its user or organization.
    for rest in [
        json!({}),
        named.clone(),
        json!({"user_id": ada.id, "organization_id": ada.organization}),
    ] {
        let others = told(&stack, &model, &bob.token, &call, rest);
        assert!(!others.contains("my parcel is late"), "{others}");
    }
    // A token for an application, and the admin's own, see none.
    for token in [token_for(&stack, "my-app"), stack.admin_token()] {
        let none = told(&stack, &model, &token, &call, named.clone());
        assert_eq!(none.matches("there is no such tool").count(), 2, "{none}");
    }
    // The interface itself is not to be reached from outside.
    let admin = stack.admin_token();
    for path in [
        "/internal/calls",
        "/bot/internal/calls",
        "/bot/api/internal/calls",
        "/agent/internal/calls",
    ] {
        for token in [&admin, &ada.token] {
            let answer = stack.with_token(token, &[path]);
            assert_eq!(answer.status, 404, "{path}: {}", answer.body);
        }
    }
    let path = "/bot/api/../internal/calls";
    let climbing = stack.with_token(&ada.token, &["--path-as-is", path]);
    assert!([400, 404].contains(&climbing.status), "{}", climbing.body);
    // Directly, without the secret, a claim is worth nothing.
    let direct = format!("http://127.0.0.1:{}/internal/calls", stack.bot_port);
    let user = format!("X-Internal-User: {}", ada.id);
    let claimed = stack.curl(&[&direct, "-H", &user, "-H", "X-Internal-Token-Id: tok_1"]);
    assert_eq!(
        (claimed.status, claimed.error_code().as_str()),
        (403, "forbidden")
    );
}
