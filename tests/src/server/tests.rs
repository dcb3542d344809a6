use serde_json::json;

use super::*;

#[test]
fn finds_the_address_in_the_log() {
    let found = |line: Value| listening_address(&[json!({"message": "opening"}), line]);
    let address = Some("127.0.0.1:80".parse().unwrap());
    assert_eq!(found(json!({"message": "listening", "address": "127.0.0.1:80"})), address);
    let nested = json!({"fields": {"message": "listening", "address": "127.0.0.1:80"}});
    assert_eq!(found(nested), address);
    assert_eq!(found(json!({"message": "listening", "address": "nowhere"})), None);
    assert_eq!(found(json!({"message": "not listening"})), None);
}

#[test]
fn reads_sandbox_json() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sandbox.json");
    fs::write(&path, r#"{"base_url":"http://a","app_code":"c","score_app_ids":["1000001"]}"#)
        .unwrap();
    let sandbox = Sandbox::read(&path);
    assert_eq!((sandbox.app_code.as_str(), sandbox.app_id.as_str()), ("c", ""));
    assert_eq!(sandbox.score_app_ids, ["1000001"]);
}

#[test]
fn output_of_a_command() {
    let output = Output::of(Command::new("sh").args(["-c", "echo '{\"a\":1}'; exit 3"])).unwrap();
    assert_eq!(output.code, Some(3));
    assert_eq!(output.json(), json!({"a": 1}));
}
