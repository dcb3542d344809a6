use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::time::Span;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::tasks;

const BYTES_MAX: usize = 1 << 20;

fn outbound(allow: &[&str]) -> Outbound {
    let allow = allow.iter().map(|net| net.parse().expect("a network")).collect();
    let connect_timeout = Span::millis(300);
    Outbound::new(OutboundSettings { allow, ca_pem: None, connect_timeout }).expect("settings")
}

async fn get(outbound: &Outbound, url: &str) -> Result<Incame, SendFault> {
    let target = Target::parse(url)?;
    let outgoing = Outgoing {
        method: Method::Get,
        target: &target,
        headers: &[],
        body: Secret::new(Vec::new()),
        deadline: Span::millis(400),
        answer_bytes_max: BYTES_MAX,
    };
    outbound.send(outgoing).await
}

/// A listener on a loopback port; `play` has each connection once a request is there.
async fn listener<F>(
    play: impl Fn(TcpStream) -> F + Send + 'static,
) -> (SocketAddr, Arc<AtomicUsize>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    tasks::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            tasks::spawn(play(stream));
        }
    });
    (address, taken)
}

/// Hosts and URLs that lead, or that some parser or resolver would lead, to where nobody from
/// outside may reach. `PORT` is a listener's on loopback.
const HOSTILE: &[&str] = &[
    // Loopback, in all spellings.
    "https://127.0.0.1:PORT/",
    "https://127.1:PORT/",
    "https://127.0.1:PORT/",
    "https://2130706433:PORT/",
    "https://0x7f000001:PORT/",
    "https://0x7f.1:PORT/",
    "https://0x7f.0x0.0x0.0x1:PORT/",
    "https://0177.0.0.1:PORT/",
    "https://017700000001:PORT/",
    "https://0177.0x0.0.1:PORT/",
    "https://127.0.0.01:PORT/",
    "https://127.000.000.001:PORT/",
    "https://127.0.0.1.:PORT/",
    "https://127.0.0.256:PORT/",
    "https://127.255.255.254:PORT/",
    "https://localhost:PORT/",
    "https://LOCALHOST:PORT/",
    "https://localhost.:PORT/",
    "https://[::1]:PORT/",
    "https://[0:0:0:0:0:0:0:1]:PORT/",
    "https://[::ffff:127.0.0.1]:PORT/",
    "https://[::ffff:7f00:1]:PORT/",
    "https://[::127.0.0.1]:PORT/",
    "https://[::]:PORT/",
    "https://[64:ff9b::127.0.0.1]:PORT/",
    "https://[64:ff9b:1::7f00:1]:PORT/",
    "https://[2002:7f00:1::]:PORT/",
    "https://[2001:0:4136:e378::1]:PORT/",
    "https://[::1%25lo]:PORT/",
    "https://[::1%lo]:PORT/",
    "https://0:PORT/",
    "https://0.0.0.0:PORT/",
    "https://①②⑦.0.0.1:PORT/",
    "https://127。0。0。1:PORT/",
    "https://%31%32%37.0.0.1:PORT/",
    // Private, link-local, carriers' NAT, special, multicast, broadcast.
    "https://10.0.0.1/",
    "https://10.255.255.255/",
    "https://172.16.0.1/",
    "https://172.31.255.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://100.127.255.255/",
    "https://192.0.0.1/",
    "https://192.0.2.1/",
    "https://198.18.0.1/",
    "https://198.19.255.255/",
    "https://198.51.100.7/",
    "https://203.0.113.9/",
    "https://192.88.99.1/",
    "https://224.0.0.1/",
    "https://239.255.255.255/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://0.1.2.3/",
    "https://[fe80::1]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[100::1]/",
    "https://[2001:db8::1]/",
    "https://[2001:10::1]/",
    "https://[2002:0a00:0001::]/",
    "https://[64:ff9b::10.0.0.1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[3fff::1]/",
    "https://[5f00::1]/",
    "https://[4000::1]/",
    // Users, fragments, backslashes, spaces, other schemes.
    "https://user@127.0.0.1:PORT/",
    "https://example.com@127.0.0.1:PORT/",
    "https://example.com:443@127.0.0.1:PORT/",
    "https://127.0.0.1:PORT\\@example.com/",
    "https://example.com\\@127.0.0.1:PORT/",
    "https://127.0.0.1:PORT#@example.com/",
    "https://127.0.0.1:PORT /",
    " https://127.0.0.1:PORT/",
    "https://127.0.0.1:PORT/\r\nX: y",
    "https:127.0.0.1:PORT/",
    "https:///127.0.0.1:PORT/",
    "//127.0.0.1:PORT/",
    "127.0.0.1:PORT",
    "http://127.0.0.1:PORT/",
    "HTTP://127.0.0.1:PORT/",
    "ftp://127.0.0.1:PORT/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:PORT/_GET",
    "data:text/plain,x",
    "unix:/run/x",
    "",
    "https://",
    "https://:PORT/",
    "https://-a.example/",
    "https://a..example/",
    "https://127.0.0.1:0/",
    "https://127.0.0.1:0PORT/",
    "https://127.0.0.1:65536/",
    "https://127.0.0.1:/",
];

#[tokio::test]
async fn hostile_addresses_are_refused_and_nobody_is_called() {
    let (address, taken) = listener(|_| async {}).await;
    let guarded = outbound(&[]);
    assert!(HOSTILE.len() >= 60);
    for url in HOSTILE {
        let url = url.replace("PORT", &address.port().to_string());
        let result = get(&guarded, &url).await;
        assert!(matches!(result, Err(SendFault::Refused(_))), "{url}: {result:?}");
    }
    // An allowance for one network opens no other, and none of the spellings.
    let allowing = outbound(&["10.0.0.0/8"]);
    for url in HOSTILE.iter().filter(|url| !url.contains("//10.")) {
        let url = url.replace("PORT", &address.port().to_string());
        let result = get(&allowing, &url).await;
        assert!(matches!(result, Err(SendFault::Refused(_))), "{url}: {result:?}");
    }
    assert_eq!(taken.load(Ordering::Relaxed), 0, "the listener was called");
}

#[test]
fn public_addresses_are_reached_over_tls_only() {
    let public = [
        "8.8.8.8",
        "1.1.1.1",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "198.17.0.1",
        "198.20.0.1",
        "223.255.255.255",
        "2606:4700::1111",
        "2001:4860:4860::8888",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
    ];
    let guard = Guard::new(vec!["10.1.0.0/16".parse().expect("a network")]);
    for text in public {
        let address = text.parse().expect(text);
        assert_eq!(guard.check(address, true), Ok(()), "{text}");
        assert_eq!(guard.check(address, false), Err(Refusal::Plain), "{text}");
    }
    let allowed = [("10.1.2.3", Ok(())), ("10.2.2.3", Err(Refusal::NotPublic))];
    for (text, expected) in allowed {
        assert_eq!(guard.check(text.parse().expect(text), false), expected, "{text}");
    }
}

#[test]
fn a_target_keeps_what_the_url_says() {
    let table = [
        ("https://Connector.Example", "connector.example", "/v1/x"),
        ("https://connector.example:8443/base/", "connector.example:8443", "/base/v1/x"),
        ("http://10.1.2.3:80/a", "10.1.2.3", "/a/v1/x"),
        ("https://[2606:4700::1]:444/", "[2606:4700::1]:444", "/v1/x"),
    ];
    for (url, authority, path) in table {
        let target = Target::parse(url).expect(url).join("/v1/x");
        assert_eq!((&*target.authority(), target.path()), (authority, path), "{url}");
    }
}

#[test]
fn what_is_registered_covers_what_is_below_it() {
    let table = [
        ("https://a.example", "https://A.example:443/x/y?z=1", true),
        ("https://a.example/n", "https://a.example/n", true),
        ("https://a.example/n/", "https://a.example/n?a=b/../c", true),
        ("https://a.example/n", "https://a.example/n/m/", true),
        ("https://a.example/n", "https://a.example/nm", false),
        ("https://a.example/n", "https://a.example/N", false),
        ("https://a.example/n", "https://a.example/", false),
        ("https://a.example/n", "https://a.example/n/../m", false),
        ("https://a.example/n", "https://a.example/n/%2e%2E/m", false),
        ("https://a.example/n", "https://a.example/n/.%2e", false),
        ("https://a.example/n", "https://a.example/n/x%2f..%5cm", false),
        ("https://a.example", "http://a.example/", false),
        ("https://a.example", "https://a.example:8443/", false),
        ("https://a.example", "https://a.example.evil/", false),
        ("https://a.example", "https://b.a.example/", false),
    ];
    for (registered, url, wanted) in table {
        let target = |url| Target::parse(url).expect(url);
        assert_eq!(target(registered).covers(&target(url)), wanted, "{registered} {url}");
    }
}

/// What a peer writes and does then, and what comes of it.
#[tokio::test]
async fn a_fault_is_told_by_whether_the_other_side_can_have_acted() {
    #[derive(Clone, Copy)]
    enum Then {
        Close,
        Stay,
        Drip,
        Flood,
    }
    const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    let table: [(&str, Then, &str); 15] = [
        (OK, Then::Close, "200 ok"),
        (OK, Then::Stay, "200 ok"),
        (
            "HTTP/1.1 302 F\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
            Then::Stay,
            "302 ",
        ),
        ("HTTP/1.1 200 OK\r\n\r\nto the end", Then::Close, "200 to the end"),
        ("", Then::Stay, "Late"),
        ("", Then::Drip, "Late"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n", Then::Drip, "Late"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf", Then::Close, "BrokenOff"),
        ("", Then::Close, "BrokenOff"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab", Then::Close, "BrokenOff"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n", Then::Flood, "Unreadable"),
        ("HTTP/1.1 200 OK\r\n\r\n", Then::Flood, "Unreadable"),
        ("HTTP/1.1 200 OK\r\nx: ", Then::Flood, "Unreadable"),
        ("\u{7}garbage\r\n\r\n", Then::Close, "Unreadable"),
        (
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 0\r\n\r\n",
            Then::Stay,
            "Unreadable",
        ),
    ];
    let allowing = outbound(&["127.0.0.0/8"]);
    for (text, then, expected) in table {
        let (address, _) = listener(move |mut stream| async move {
            let _ = stream.write_all(text.as_bytes()).await;
            match then {
                Then::Close => {}
                Then::Stay => tasks::pause(Span::seconds(60)).await,
                Then::Drip => {
                    while stream.write_all(b"H").await.is_ok() {
                        tasks::pause(Span::millis(50)).await;
                    }
                }
                Then::Flood => while stream.write_all(&[b'x'; 16_384]).await.is_ok() {},
            }
        })
        .await;
        let got = match get(&allowing, &format!("http://{address}/")).await {
            Ok(answer) => format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body)),
            Err(SendFault::Lost(loss)) => format!("{loss:?}"),
            Err(other) => other.to_string(),
        };
        assert_eq!(got, expected, "{text:?}");
    }
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let allowing = outbound(&["127.0.0.0/8"]);
    let (address, taken) = listener(|stream| async move { drop(stream) }).await;
    let free = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let closed = free.local_addr().expect("an address");
    drop(free);
    // Nobody listens; nobody speaks TLS; no such name.
    for url in [
        format!("http://{closed}/"),
        format!("https://{address}/"),
        "https://no-such-host.invalid/".to_owned(),
    ] {
        let result = get(&allowing, &url).await;
        assert!(matches!(result, Err(SendFault::NotSent(_))), "{url}: {result:?}");
    }
    assert_eq!(taken.load(Ordering::Relaxed), 1, "the one that speaks no TLS");
}
