//! A static server for `www/dist`, for one person on one machine: it listens on 127.0.0.1 only.
//!
//! The easy mistake: streaming compilation wants `application/wasm`, and `nosniff` makes every wrong type an error.
//! The page's policy is in the page, not here, so that it holds on any host.

use std::fs;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

const FIRST_PORT: u16 = 8080;
const LAST_PORT: u16 = 8179;
const LONGEST_REQUEST: u64 = 16 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

/// A bound server that does not answer yet.
pub struct Server {
    listener: TcpListener,
    site: Arc<Site>,
}

struct Site {
    root: PathBuf,
    /// The path under which the site appears, with a slash at both ends.
    under: String,
}

impl Server {
    /// Binds to `port`; without one, to the first free port from 8080. Port 0 lets the system choose.
    pub fn bind(root: &Path, port: Option<u16>, under: &str) -> Result<Self> {
        let root = root
            .canonicalize()
            .with_context(|| format!("there is no page in {}", root.display()))?;
        let under = match under.trim_matches('/') {
            "" => "/".to_owned(),
            path => format!("/{path}/"),
        };
        Ok(Self {
            listener: listen(port)?,
            site: Arc::new(Site { root, under }),
        })
    }

    /// Where the page is to be found.
    pub fn address(&self) -> Result<String> {
        let port = self.listener.local_addr()?.port();
        Ok(format!("http://127.0.0.1:{port}{}", self.site.under))
    }

    /// Answers until the process ends, one thread a connection.
    pub fn run(self) {
        for stream in self.listener.incoming() {
            let Ok(stream) = stream else { continue };
            let site = Arc::clone(&self.site);
            // A visitor who hangs up early is no error of ours.
            thread::spawn(move || drop(converse(stream, &site)));
        }
    }
}

fn listen(port: Option<u16>) -> Result<TcpListener> {
    let bind = |port| TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    if let Some(port) = port {
        return bind(port).with_context(|| format!("cannot listen on port {port}"));
    }
    for port in FIRST_PORT..=LAST_PORT {
        match bind(port) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            result => return result.with_context(|| format!("cannot listen on port {port}")),
        }
    }
    bind(0).context("cannot listen on any port")
}

fn converse(stream: TcpStream, site: &Site) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    while let Some(request) = read_request(&mut reader)? {
        let response = site.answer(&request);
        write_response(&mut writer, &request, &response)?;
        if !request.keep_alive {
            break;
        }
    }
    Ok(())
}

struct Request {
    method: String,
    target: String,
    keep_alive: bool,
}

/// The next request, or none when the visitor is done.
fn read_request(reader: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut head = reader.take(LONGEST_REQUEST);
    let mut line = String::new();
    if head.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_ascii_whitespace();
    let (Some(method), Some(target), Some(version)) = (words.next(), words.next(), words.next())
    else {
        return Err(ErrorKind::InvalidData.into());
    };
    let mut request = Request {
        method: method.to_owned(),
        target: target.to_owned(),
        keep_alive: version == "HTTP/1.1",
    };
    loop {
        line.clear();
        if head.read_line(&mut line)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        let (name, value) = (name.to_ascii_lowercase(), value.trim());
        match name.as_str() {
            "connection" if value.eq_ignore_ascii_case("close") => request.keep_alive = false,
            // A body is never read, so nothing after it could be understood.
            "content-length" if value != "0" => request.keep_alive = false,
            "transfer-encoding" => request.keep_alive = false,
            _ => {}
        }
    }
    Ok(Some(request))
}

#[derive(Debug, PartialEq)]
enum Response {
    File { kind: &'static str, bytes: Vec<u8> },
    Moved(String),
    Refused(&'static str),
}

impl Site {
    fn answer(&self, request: &Request) -> Response {
        if request.method != "GET" && request.method != "HEAD" {
            return Response::Refused("405 Method Not Allowed");
        }
        let path = request.target.split(['?', '#']).next().unwrap_or_default();
        let Some(path) = decode(path) else {
            return Response::Refused("400 Bad Request");
        };
        let Some(relative) = path.strip_prefix(&self.under) else {
            if format!("{path}/") == self.under {
                return Response::Moved(self.under.clone());
            }
            return Response::Refused("404 Not Found");
        };
        let Some(file) = self.resolve(relative) else {
            return Response::Refused("404 Not Found");
        };
        match fs::read(&file) {
            Ok(bytes) => Response::File {
                kind: content_type(&file),
                bytes,
            },
            Err(_) => Response::Refused("404 Not Found"),
        }
    }

    /// The file that a path means, if it lies inside the root.
    fn resolve(&self, relative: &str) -> Option<PathBuf> {
        let relative = Path::new(relative);
        let plain = relative
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if !plain || relative.to_string_lossy().contains(['\\', '\0', ':']) {
            return None;
        }
        let mut file = self.root.join(relative);
        if file.is_dir() {
            file.push("index.html");
        }
        // Symbolic links are followed, and may not lead outside either.
        let file = file.canonicalize().ok()?;
        (file.starts_with(&self.root) && file.is_file()).then_some(file)
    }
}

/// Undoes percent encoding; none when it is malformed or not UTF-8.
fn decode(path: &str) -> Option<String> {
    let mut bytes = path.bytes();
    let mut decoded = Vec::with_capacity(path.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            decoded.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

fn content_type(file: &Path) -> &'static str {
    match file
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default()
    {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" | "webmanifest" => "application/json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "toml" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn write_response(
    writer: &mut impl Write,
    request: &Request,
    response: &Response,
) -> io::Result<()> {
    let refusal;
    let (status, kind, body, extra) = match response {
        Response::File { kind, bytes } => ("200 OK", *kind, bytes.as_slice(), String::new()),
        Response::Moved(to) => (
            "308 Permanent Redirect",
            "text/plain; charset=utf-8",
            &[][..],
            format!("Location: {to}\r\n"),
        ),
        Response::Refused(status) => {
            refusal = format!("{status}\n");
            let allow = if status.starts_with("405") {
                "Allow: GET, HEAD\r\n".to_owned()
            } else {
                String::new()
            };
            (
                *status,
                "text/plain; charset=utf-8",
                refusal.as_bytes(),
                allow,
            )
        }
    };
    let connection = if request.keep_alive {
        "keep-alive"
    } else {
        "close"
    };
    write!(
        writer,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
         X-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\nConnection: {connection}\r\n{extra}\r\n",
        body.len()
    )?;
    if request.method != "HEAD" {
        writer.write_all(body)?;
    }
    writer.flush()
}

/// Shows the page in the user's browser. Whether that works is not known and does not matter.
pub fn open(address: &str) {
    let (program, arguments): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("explorer", &[])
    } else {
        ("xdg-open", &[])
    };
    let opened = std::process::Command::new(program)
        .args(arguments)
        .arg(address)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn();
    drop(opened);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with a page, and a secret beside it; removed at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder =
                std::env::temp_dir().join(format!("zhijian-serve-{name}-{}", std::process::id()));
            fs::create_dir_all(folder.join("site/assets")).unwrap();
            fs::write(folder.join("secret.txt"), "secret").unwrap();
            fs::write(folder.join("site/index.html"), "<p>page").unwrap();
            fs::write(folder.join("site/assets/a b.wasm"), b"\0asm").unwrap();
            Self(folder)
        }

        fn site(&self, under: &str) -> Site {
            Site {
                root: self.0.join("site").canonicalize().unwrap(),
                under: under.to_owned(),
            }
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    fn request(method: &str, target: &str) -> Request {
        Request {
            method: method.to_owned(),
            target: target.to_owned(),
            keep_alive: false,
        }
    }

    const MISSING: Response = Response::Refused("404 Not Found");

    #[test]
    fn files_come_with_their_types() {
        let folder = Folder::new("types");
        let site = folder.site("/");
        assert_eq!(
            site.answer(&request("GET", "/?x=1")),
            Response::File {
                kind: "text/html; charset=utf-8",
                bytes: b"<p>page".to_vec()
            }
        );
        assert_eq!(
            site.answer(&request("GET", "/assets/a%20b.wasm")),
            Response::File {
                kind: "application/wasm",
                bytes: b"\0asm".to_vec()
            }
        );
        assert_eq!(site.answer(&request("GET", "/nothing.js")), MISSING);
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        let folder = Folder::new("outside");
        let site = folder.site("/");
        for target in [
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/assets/../../secret.txt",
            "/..%5csecret.txt",
            "/..%2fsecret.txt",
            "//etc/passwd",
            "/%2fetc/passwd",
            "/assets/..%00",
        ] {
            assert_eq!(site.answer(&request("GET", target)), MISSING, "{target}");
        }
        assert_eq!(
            site.answer(&request("GET", "/%zz")),
            Response::Refused("400 Bad Request")
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_do_not_lead_outside() {
        let folder = Folder::new("links");
        std::os::unix::fs::symlink(folder.0.join("secret.txt"), folder.0.join("site/link.txt"))
            .unwrap();
        assert_eq!(
            folder.site("/").answer(&request("GET", "/link.txt")),
            MISSING
        );
    }

    #[test]
    fn only_reading_is_allowed() {
        let folder = Folder::new("methods");
        let site = folder.site("/");
        for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
            assert_eq!(
                site.answer(&request(method, "/")),
                Response::Refused("405 Method Not Allowed"),
                "{method}"
            );
        }
        let mut written = Vec::new();
        let head = request("HEAD", "/");
        write_response(&mut written, &head, &site.answer(&head)).unwrap();
        let written = String::from_utf8(written).unwrap();
        assert!(written.contains("Content-Length: 7\r\n"), "{written}");
        assert!(
            written.contains("X-Content-Type-Options: nosniff\r\n"),
            "{written}"
        );
        assert!(written.ends_with("\r\n\r\n"), "{written}");
    }

    #[test]
    fn a_site_may_live_under_a_path() {
        let folder = Folder::new("under");
        let site = folder.site("/some/place/");
        assert_eq!(
            site.answer(&request("GET", "/some/place")),
            Response::Moved("/some/place/".to_owned())
        );
        assert!(matches!(
            site.answer(&request("GET", "/some/place/")),
            Response::File { .. }
        ));
        assert_eq!(site.answer(&request("GET", "/")), MISSING);
    }

    #[test]
    fn one_connection_carries_several_requests() {
        let folder = Folder::new("connection");
        let server = Server::bind(&folder.0.join("site"), Some(0), "/").unwrap();
        let port = server.listener.local_addr().unwrap().port();
        thread::spawn(move || server.run());
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\n\r\nGET /none HTTP/1.1\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut answers = String::new();
        stream.read_to_string(&mut answers).unwrap();
        assert!(answers.starts_with("HTTP/1.1 200 OK\r\n"), "{answers}");
        assert!(answers.contains("<p>pageHTTP/1.1 404"), "{answers}");
    }
}
