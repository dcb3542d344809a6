//! Programs as merchants have them hand applications in: PHP with nothing but its own functions,
//! Python with `jwcrypto` and `cryptography`, Node with `jose` and its own crypto.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};
use tests::clients::installed;
use tests::database::Database;
use tests::qiancheng::Qiancheng;
use tests::qiancheng::audit::{Applicant, IN_REVIEW, Sealer};
use tests::server::{Options, Sandbox, Server};

/// What a program is asked to do.
#[derive(Serialize)]
struct Question<'q> {
    base_url: &'q str,
    username: &'q str,
    password: &'q str,
    name: &'q str,
    phone: &'q str,
    id_card: &'q str,
    application: String,
    public_key: &'q str,
    kid: &'q str,
    envelope: &'q str,
    /// The application, before it is encrypted.
    gzip: bool,
    /// The whole body, once more or alone.
    packs_body: bool,
}

/// What came of it.
#[derive(Debug, Deserialize, PartialEq)]
struct Told {
    open_id: String,
    state: i64,
    reason: String,
}

/// The program's command, when the machine can run it.
fn program(name: &str) -> Option<Command> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(name);
    let mut command = match name {
        "audit.php" => Command::new("php"),
        "audit.py" => {
            let mut command = Command::new("python3");
            command.env("PYTHONPATH", installed("python")?).env("PYTHONUTF8", "1");
            command
        }
        _ => {
            let mut command = Command::new("node");
            command.env("NODE_PATH", installed("node")?.join("node_modules"));
            command
        }
    };
    let mut version = Command::new(command.get_program());
    let version = version.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if version.is_err() {
        assert!(std::env::var_os("CI").is_none(), "CI cannot run {name}: run ./test");
        eprintln!("{name} is left out: there is nothing here to run it with");
        return None;
    }
    command.arg(script);
    Some(command)
}

fn ask(mut command: Command, question: &Question<'_>) -> Told {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program can be started");
    let question = serde_json::to_vec(question).expect("JSON");
    child.stdin.take().expect("piped").write_all(&question).expect("the program listens");
    let output = child.wait_with_output().expect("the program ends");
    let told = serde_json::from_slice(&output.stdout);
    told.unwrap_or_else(|error| panic!("{command:?}: {error}: {output:?}"))
}

/// One applicant each, and all of them are decided; the same again is the same application.
#[test]
fn each_client_gets_an_id_and_a_final_result() {
    let ways = [
        ("audit.php", "blocks", false, false),
        ("audit.php", "blocks", true, false),
        ("audit.php", "blocks", false, true),
        ("audit.php", "blocks", true, true),
        ("audit.py", "blocks", false, false),
        ("audit.py", "jwe", true, false),
        ("audit.py", "jwe", false, false),
        ("audit.js", "blocks", true, false),
        ("audit.js", "jwe", true, false),
        ("audit.js", "jwe", false, false),
    ];
    let server = Server::start(Options::on(Database::Sqlite));
    let Sandbox { base_url, username, password, audit_public_key_pem, .. } = server.sandbox();
    let mut merchant = Qiancheng::log_in(&server);
    let sealer = Sealer::of_pem(&audit_public_key_pem);
    for (order_id, (name, envelope, gzip, packs_body)) in (1..).zip(ways) {
        let Some(command) = program(name) else { continue };
        let applicant = Applicant::of(FINAL[order_id as usize % FINAL.len()], order_id);
        let question = Question {
            base_url: &base_url,
            username: &username,
            password: &password,
            name: &applicant.name,
            phone: &applicant.phone,
            id_card: &applicant.id_card,
            application: applicant.text(),
            public_key: &audit_public_key_pem,
            kid: "1",
            envelope,
            gzip,
            packs_body,
        };
        let told = ask(command, &question);
        let place = format!("{name} {envelope} {gzip} {packs_body}: {told:?}");
        assert!(told.open_id.len() == 32 && told.state != IN_REVIEW, "{place}");
        assert_eq!(told.reason.is_empty(), told.state == 0, "{place}");
        let again = merchant.applied(&applicant, &sealer.jwe(applicant.text().as_bytes()));
        assert_eq!(again, told.open_id, "{place}");
    }
}

/// Applicants whom the policy that ships refuses by itself: they are overdue for over a month.
const FINAL: [u32; 5] = [7, 26, 35, 60, 69];
