//! Schemathesis over the OpenAPI document of the gateway, a part of it at a time.

use crate::{Stack, python_command};

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

impl Stack {
    /// Sends what the document at the gateway allows, and what it does not, to the operations that
    /// `which` names (arguments of Schemathesis): no 5xx, no status and no shape that is not promised.
    /// `header` says who asks.
    pub fn conforms(&self, header: &str, which: &[&str]) {
        let document = format!("http://127.0.0.1:{}/openapi.json", self.port);
        let mut arguments = vec!["run", &document, "-H", header, "--checks", CHECKS];
        // A fixed seed: a run that fails fails again.
        arguments.extend(["--seed", "20", "--generation-database", "none"]);
        arguments.extend(["--phases", "examples,coverage,fuzzing"]);
        arguments.extend(["--max-examples", "8"]);
        arguments.extend(which);
        python_command("schemathesis", &arguments);
    }

    /// The same with the admin token, for the operations whose path a regular expression finds.
    pub fn conforms_below(&self, paths: &str) {
        let header = format!("Authorization: Bearer {}", self.admin_token());
        self.conforms(&header, &["--include-path-regex", paths]);
    }
}
