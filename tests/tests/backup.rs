//! What is saved while everything runs comes back elsewhere: accounts, sessions, tokens, calls and
//! their recordings; and what is sealed, with its key only.

use e2e::Stack;
use e2e::call::{Customer, Model};
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn what_was_saved_while_it_ran_comes_back_on_another_machine() {
    let model = Model::start(&json!([]));
    let stack = Stack::conversing(&model.variables());
    let agent = json!({"name": "Guide", "greeting": "Hello, this is the city guide."});
    let customer = Customer::with_agent(&stack, &agent);
    let plan = json!([
        {"wait": "segment", "speaker": "agent"},
        {"sleep": 0.5},
        {"hangup": true},
        {"wait": "closed"},
    ]);
    let call = customer.call(&stack, &plan).call_id();
    let call = format!("/bot/api/calls/{call}");
    let before = e2e::until(|| {
        let kept = customer.get(&stack, &[&call]).json();
        (kept["status"] != "in-progress").then_some(kept)
    });
    assert!(
        before["transcript"]
            .as_array()
            .is_some_and(|said| !said.is_empty()),
        "{before:#}"
    );
    let sound = |customer: &Customer, stack: &Stack| {
        let file = stack.data.path().join("downloaded.wav");
        let url = format!("{call}/recording");
        let got = customer.get(stack, &[&url, &format!("-o{}", file.display())]);
        assert_eq!(got.status, 200, "{}", got.body);
        fs::read(file).expect("curl wrote it")
    };
    let recording = sound(&customer, &stack);
    let admin = stack.admin_token();
    let wish = [
        "-X",
        "POST",
        "/auth/tokens",
        "-H",
        "Content-Type: application/json",
        "-d",
        r#"{"user_id": "kept"}"#,
    ];
    let token = stack.with_token(&admin, &wish).json()["token"].clone();
    let token = token.as_str().expect("a token");

    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let archive = folder.path().join("backup.tar");
    let (saved, said) = stack.script("backup.sh", &archive);
    assert!(saved, "{said}");
    let mode = fs::metadata(&archive)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600, "the keys are in it");
    let left = fs::read_dir(folder.path()).expect("our folder").count();
    assert_eq!(left, 1, "nothing else is left beside it");

    // Elsewhere: other folders, other ports, nothing in common but the file.
    let elsewhere = Stack::restored(&archive);
    let moved = customer.at(&elsewhere);
    drop(stack);
    assert_eq!(elsewhere.admin_token(), admin);
    assert_eq!(
        elsewhere.with_token(token, &["/auth/tokens"]).error_code(),
        "admin_required",
        "the token is known"
    );
    let me = moved.get(&elsewhere, &["/bot/api/auth/me"]);
    assert_eq!(
        me.status, 200,
        "the key that signed the session came along: {}",
        me.body
    );
    assert_eq!(moved.get(&elsewhere, &[&call]).json(), before);
    assert!(sound(&moved, &elsewhere) == recording, "the same bytes");

    // Nothing is written over.
    let (again, said) = elsewhere.script("restore.sh", &archive);
    assert!(!again && said.contains("not empty"), "{said}");

    // A damaged file is refused, and nothing is left of it.
    let mut bytes = fs::read(&archive).expect("it is there");
    let dump = bytes
        .windows(5)
        .position(|five| five == b"PGDMP")
        .expect("a dump");
    bytes[dump + 600] ^= 0xff;
    fs::write(&archive, bytes).expect("our file");
    let fresh = Stack::unused();
    let (damaged, said) = fresh.script("restore.sh", &archive);
    assert!(!damaged && said.contains("damaged"), "{said}");
    let left = fs::read_dir(fresh.data.path()).expect("our folder").count();
    assert_eq!(left, 0, "{said}");
}

#[test]
fn what_is_sealed_in_a_backup_opens_with_its_key_only() {
    let mode = [("HIPAA_MODE", "true")];
    let stack = Stack::people(&mode);
    let customer = Customer::with_agent(&stack, &json!({"name": "Guide"}));
    let json_type = "Content-Type: application/json";
    let jane = json!({"name": "Guglielmo", "phone_number": "+14155559876"}).to_string();
    let path = "/bot/api/customers";
    let made = customer.get(&stack, &["-X", "POST", path, "-H", json_type, "-d", &jane]);
    assert_eq!(made.status, 201, "{}", made.body);
    let admin = stack.admin_token();
    let wish = json!({"user_id": "guglielmo@example.com"}).to_string();
    let wish = ["-X", "POST", "/auth/tokens", "-H", json_type, "-d", &wish];
    assert_eq!(stack.with_token(&admin, &wish).status, 200);

    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let archive = folder.path().join("backup.tar");
    let (saved, said) = stack.script("backup.sh", &archive);
    assert!(saved && said.contains("data.key"), "{said}");
    let key = stack.data.path().join("keys/data.key");
    let bytes = fs::read(&archive).expect("it is there");
    let line = fs::read_to_string(&key).expect("a key was made");
    for secret in ["Guglielmo", "guglielmo@", "14155559876", line.trim()] {
        let mut windows = bytes.windows(secret.len());
        assert!(!windows.any(|found| found == secret.as_bytes()), "{secret}");
    }

    // Without the key nothing is told, and no other one is made.
    let (mut elsewhere, said) = Stack::restored_and_stopped(&archive, &mode);
    assert!(said.contains("bring back"), "{said}");
    elsewhere.launch_one("gateway");
    e2e::until(|| elsewhere.log().contains("bring it back").then_some(()));
    let brought = elsewhere.data.path().join("keys/data.key");
    assert!(!brought.exists());

    fs::copy(&key, &brought).expect("with its mode");
    elsewhere.restart();
    let moved = customer.at(&elsewhere);
    drop(stack);
    let found = moved.get(&elsewhere, &[path]).json();
    assert_eq!(found[0]["name"], "Guglielmo", "{found}");
    let listed = elsewhere.with_token(&admin, &["/auth/tokens"]);
    assert!(
        listed.body.contains("guglielmo@example.com"),
        "{}",
        listed.body
    );
}
