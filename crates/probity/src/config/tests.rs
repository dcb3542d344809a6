use super::*;

#[test]
fn the_example_shows_every_default() {
    let text = include_str!("../../../../config/example.toml");
    // Keys without a default stand there as comments; everything else is live.
    let config: Config = toml::from_str(text).expect("the example is legal");
    assert_eq!(config, Config::default());
    for key in ["tls", "certificate", "key", "url", "ca_file"] {
        assert!(text.contains(&format!("{key} =")) || text.contains(&format!("{key}]")), "{key}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let table = [
        ("[server]\nlisten = \"nowhere\"", "listen"),
        ("[server]\nbody_timeout = \"soon\"", "not a time"),
        ("[server]\nlisten_on = \"x\"", "listen_on"),
        ("[database]\nwriters = 0", "database.writers"),
        ("[database]\nurl = \"mysql://x\"", "database.url"),
        ("[outbound]\nallow = [\"10.0.0.1/33\"]", "allow"),
        ("[outbound]\nca_file = \"/none\"", "outbound.ca_file"),
        ("[outbound]\nconnect_timeout = \"1ms\"", "outbound.connect_timeout"),
        ("[server]\ntrusted_proxies = [\"10.0.0.0/99\"]", "trusted_proxies"),
        ("[server.tls]\ncertificate = \"/none\"\nkey = \"/none\"", "server.tls.certificate"),
    ];
    for (text, named) in table {
        let parsed = toml::from_str::<Config>(text).map_err(anyhow::Error::from);
        let error = parsed.and_then(|config| config.check()).expect_err(text);
        assert!(format!("{error:#}").contains(named), "{text}: {error:#}");
    }
}
