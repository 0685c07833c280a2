using System.Net;

namespace Coco.ControlPlane.Settings;

/// <summary>How a control plane is run: from <c>coco-control.json</c>, environment variables (<c>COCO_CONTROL__…</c>) and arguments, later ones winning.
/// <see cref="Validate"/> says what is wrong with it before anything starts.</summary>
internal sealed record ControlPlaneSettings
{
    /// <summary>Where it keeps keys, mail, and its database unless that is elsewhere. Its owner's alone.</summary>
    public string DataDirectory { get; init; } = "coco-control";

    /// <summary><c>sqlite:PATH</c> or <c>postgres:CONNECTION STRING</c>. Default <c>sqlite:control.db</c> in the data directory.</summary>
    public string? Database { get; init; }

    /// <summary>The file of 32 bytes from which keys at rest are sealed; all instances of one control plane have the same. Default <c>secret</c> in the
    /// data directory, made at the first start where the database is SQLite.</summary>
    public string? SecretFile { get; init; }

    /// <summary>Where HTTP is listened on, <c>http://ADDRESS:PORT</c> or <c>https://ADDRESS:PORT</c>. Port 0 for one that the system chooses.</summary>
    public string[] Listen { get; init; } = ["http://127.0.0.1:7780"];

    /// <summary>The address that people and apps use, <c>https://control.example</c>. The issuer of tokens. Default: the first of <see cref="Listen"/>.</summary>
    public string? PublicUrl { get; init; }

    /// <summary>PEM files of the certificate chain and its key for HTTPS and WebSockets, read again when they are replaced. Default: <see cref="Acme"/>'s, or one
    /// made at each start and signed by itself.</summary>
    public string? CertificateFile { get; init; }

    public string? CertificateKeyFile { get; init; }

    /// <summary>Addresses or networks (CIDR) of load balancers whose <c>X-Forwarded-For</c> is believed.</summary>
    public string[] TrustedProxies { get; init; } = [];

    /// <summary>How long requests that are under way may take when it is told to stop. From 0 to 5 minutes, default 10 seconds.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long it serves on when it is told to stop, while <c>/health/ready</c> says so: longer than a load balancer takes to look and to believe it. From 0 to 5
    /// minutes, default 1 second.</summary>
    public TimeSpan StopDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long it is known who changed what. From 1 day to 10 years, default 1 year.</summary>
    public TimeSpan AuditMemory { get; init; } = TimeSpan.FromDays(365);

    /// <summary>Bytes of one request's body. From 16 KiB to 64 MiB, default 1 MiB.</summary>
    public long MaxRequestBytes { get; init; } = 1 << 20;

    /// <summary>Where metrics and traces go by OTLP over HTTP; nowhere by default.</summary>
    public string? OtlpEndpoint { get; init; }

    public AcmeSettings Acme { get; init; } = new();

    public RateSettings Rates { get; init; } = new();

    public RelayingSettings Relaying { get; init; } = new();

    public PasswordSettings Passwords { get; init; } = new();

    public NetworkSettings Networks { get; init; } = new();

    public WebhookSettings Webhooks { get; init; } = new();

    public MailSettings Mail { get; init; } = new();

    public string DatabaseLocation => Database ?? "sqlite:" + Path.Combine(DataDirectory, "control.db");

    public string SecretPath => SecretFile ?? Path.Combine(DataDirectory, "secret");

    /// <summary>Where clients of the relay are told that it takes WebSockets; null for nowhere.</summary>
    public string? RelayUrl => Relaying.Url
        ?? (Relaying.IsOnApi && DatabaseLocation.StartsWith("sqlite:", StringComparison.Ordinal) && PublicUrl is { } url && url.StartsWith("https://", StringComparison.Ordinal)
            && Coco.Traversal.Relays.RelayInfo.IsUrl(WebSocketOf(url)) ? WebSocketOf(url) : null);

    /// <summary>Whether the API is listened for at an address and port, by TCP.</summary>
    public bool IsOfApi(IPEndPoint place) => place.Port != 0 && Listen.Where(IsBase).Select(static text => new Uri(text)).Any(api =>
        api.Port == place.Port && (!IPAddress.TryParse(api.Host.Trim('[', ']'), out var address) || IsAny(address) || IsAny(place.Address) || address.Equals(place.Address)));

    /// <summary>What is wrong, a sentence each; nothing when it can start.</summary>
    public IReadOnlyList<string> Validate()
    {
        var wrong = new List<string>();
        if (string.IsNullOrWhiteSpace(DataDirectory)) { wrong.Add("DataDirectory is empty."); }
        if (Database is { } database && !database.StartsWith("sqlite:", StringComparison.Ordinal) && !database.StartsWith("postgres:", StringComparison.Ordinal))
        {
            wrong.Add("Database begins with sqlite: or postgres:.");
        }
        if (Listen.Length == 0) { wrong.Add("Listen names no address."); }
        wrong.AddRange(Listen.Where(text => !IsBase(text)).Select(text => $"Listen: '{text}' is no http://ADDRESS:PORT or https://ADDRESS:PORT."));
        if (PublicUrl is { } url && (!IsBase(url) || url.EndsWith('/'))) { wrong.Add($"PublicUrl: '{url}' is no https://HOST without a path."); }
        if ((CertificateFile is null) != (CertificateKeyFile is null)) { wrong.Add("CertificateFile and CertificateKeyFile go together."); }
        wrong.AddRange(new[] { CertificateFile, CertificateKeyFile }.Where(file => file is not null && !File.Exists(file)).Select(file => $"There is no file {file}."));
        wrong.AddRange(TrustedProxies.Where(text => !IPNetwork.TryParse(text, out _) && !IPAddress.TryParse(text, out _)).Select(text => $"TrustedProxies: '{text}' is no address and no network."));
        if (DrainTime < TimeSpan.Zero || DrainTime > TimeSpan.FromMinutes(5)) { wrong.Add("DrainTime is from 0 to 5 minutes."); }
        if (StopDelay < TimeSpan.Zero || StopDelay > TimeSpan.FromMinutes(5)) { wrong.Add("StopDelay is from 0 to 5 minutes."); }
        if (AuditMemory < TimeSpan.FromDays(1) || AuditMemory > TimeSpan.FromDays(3653)) { wrong.Add("AuditMemory is from 1 day (1.00:00:00) to 10 years."); }
        if (MaxRequestBytes is < 16 << 10 or > 64 << 20) { wrong.Add("MaxRequestBytes is from 16 KiB to 64 MiB."); }
        if (OtlpEndpoint is { } otlp && !Uri.TryCreate(otlp, UriKind.Absolute, out _)) { wrong.Add("OtlpEndpoint is no URL."); }
        wrong.AddRange(Acme.Validate(this));
        wrong.AddRange(Rates.Validate());
        wrong.AddRange(Relaying.Validate());
        wrong.AddRange(Relaying.WebSocketListen.Where(text => IPEndPoint.TryParse(text, out var place) && IsOfApi(place)).Select(static text => $"Relaying.WebSocketListen: {text} is where the API is listened for, which takes WebSockets by itself (Relaying.WebSocketOnApi). Leave it out."));
        wrong.AddRange(Passwords.Validate());
        wrong.AddRange(Networks.Validate());
        wrong.AddRange(Mail.Validate(PublicUrl));
        return wrong;
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static string WebSocketOf(string url) => $"wss://{url["https://".Length..]}{Transport.Links.RelayUrl.DefaultPath}";

    private static bool IsBase(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https") && uri.PathAndQuery == "/" && uri.UserInfo.Length == 0;
}
