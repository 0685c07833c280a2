using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Coco.ControlPlane.Tests.Passkeys;

/// <summary>A real browser without a window, led by the Chrome DevTools Protocol, with a virtual authenticator (domain WebAuthn) that holds passkeys and verifies its user.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string _folder;
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[1 << 20];
    private string? _session;
    private int _number;

    private Chromium(Process process, string folder) => (_process, _folder) = (process, folder);

    /// <summary>The program; null where there is none.</summary>
    public static string? Program { get; } = ((string[])["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]).FirstOrDefault(File.Exists);

    /// <summary>What the page complained of, such as what its policy forbids.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>Where it wanted to go of what <see cref="HoldAsync"/> holds.</summary>
    public List<string> Held { get; } = [];

    /// <summary>The name of the virtual authenticator.</summary>
    public string Authenticator { get; private set; } = "";

    public static async Task<Chromium> StartAsync()
    {
        var folder = Path.Combine(Path.GetTempPath(), "coco-chromium-" + Guid.NewGuid().ToString("n")[..12]);
        string[] arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--disable-sync", "--remote-debugging-port=0", "--user-data-dir=" + folder, "about:blank"];
        var process = Process.Start(new ProcessStartInfo(Program!, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var browser = new Chromium(process, folder);
        try
        {
            using var patience = new CancellationTokenSource(Patience);
            const string Listening = "DevTools listening on ";
            string? line;
            while ((line = await process.StandardError.ReadLineAsync(patience.Token)) is not null && !line.StartsWith(Listening, StringComparison.Ordinal)) { }
            _ = process.StandardError.ReadToEndAsync(CancellationToken.None); // or it would block once the pipe is full
            _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            await browser._socket.ConnectAsync(new(line?[Listening.Length..] ?? throw new InvalidOperationException("The browser ended instead of listening.")), patience.Token);
            await browser.OpenAsync();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Calls a method of the protocol.</summary>
    /// <returns>Its result.</returns>
    public async Task<JsonElement> CallAsync(string method, object? parameters = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        var id = ++_number;
        var message = JsonSerializer.SerializeToUtf8Bytes(_session is null ? (object)new { id, method, @params = parameters ?? new { } } : new { id, method, @params = parameters ?? new { }, sessionId = _session });
        await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, patience.Token);
        while (true)
        {
            var answer = await ReceiveAsync(patience.Token);
            Note(answer);
            if (!answer.TryGetProperty("id", out var number) || number.GetInt32() != id) { continue; }
            return answer.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException($"{method}: {answer}");
        }
    }

    /// <summary>Evaluates an expression in the page, and waits where it is a promise.</summary>
    public async Task<JsonElement> EvaluateAsync(string expression)
    {
        var answer = await CallAsync("Runtime.evaluate", new { expression, awaitPromise = true, returnByValue = true, userGesture = true });
        return answer.TryGetProperty("exceptionDetails", out var wrong) ? throw new InvalidOperationException($"{expression}: {wrong}") : answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    /// <summary>Waits until an expression is true, over whatever pages come meanwhile.</summary>
    public async Task UntilAsync(string condition)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if ((await EvaluateAsync(condition)).ValueKind is JsonValueKind.True) { return; }
            }
            catch (InvalidOperationException) when (clock.Elapsed < Patience)
            {
                // A page that goes takes its expressions with it.
            }
            if (clock.Elapsed > Patience) { throw new TimeoutException($"{condition}; instead: {await EvaluateAsync("location.href + ' ' + document.body.innerText")}; {string.Join('\n', Complaints)}"); }
            await Task.Delay(20);
        }
    }

    /// <summary>Goes to an address, and waits for its page.</summary>
    /// <param name="url">The address.</param>
    /// <param name="path">The path where that leads; that of the address when null.</param>
    public async Task GoAsync(string url, string? path = null)
    {
        await CallAsync("Page.navigate", new { url });
        await UntilAsync($"location.pathname === {JsonSerializer.Serialize(path ?? new Uri(url).AbsolutePath)} && document.readyState === 'complete'");
    }

    /// <summary>Lets it go to none of these places, and notes that it wanted to.</summary>
    public Task HoldAsync(string pattern) => CallAsync("Fetch.enable", new { patterns = new[] { new { urlPattern = pattern } } });

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        if (!_process.HasExited) { _process.Kill(entireProcessTree: true); }
        await _process.WaitForExitAsync();
        _process.Dispose();
        // Children of it may still write as they end.
        for (var attempt = 0; Directory.Exists(_folder) && attempt < 50; attempt++)
        {
            try { Directory.Delete(_folder, recursive: true); }
            catch (IOException) { await Task.Delay(100); }
        }
    }

    private async Task OpenAsync()
    {
        var target = (await CallAsync("Target.createTarget", new { url = "about:blank" })).GetProperty("targetId").GetString();
        _session = (await CallAsync("Target.attachToTarget", new { targetId = target, flatten = true })).GetProperty("sessionId").GetString();
        foreach (var domain in (string[])["Page.enable", "Runtime.enable", "Log.enable", "WebAuthn.enable"]) { await CallAsync(domain); }
        var options = new { protocol = "ctap2", transport = "internal", hasResidentKey = true, hasUserVerification = true, isUserVerified = true, automaticPresenceSimulation = true };
        Authenticator = (await CallAsync("WebAuthn.addVirtualAuthenticator", new { options })).GetProperty("authenticatorId").GetString()!;
    }

    private void Note(JsonElement message)
    {
        if (!message.TryGetProperty("method", out var method)) { return; }
        var parameters = message.GetProperty("params");
        if (method.GetString() == "Log.entryAdded") { Complaints.Add(parameters.GetProperty("entry").GetProperty("text").GetString()!); }
        if (method.GetString() == "Fetch.requestPaused") { Held.Add(parameters.GetProperty("request").GetProperty("url").GetString()!); }
    }

    private async Task<JsonElement> ReceiveAsync(CancellationToken cancellationToken)
    {
        var count = 0;
        while (true)
        {
            var received = await _socket.ReceiveAsync(_buffer.AsMemory(count), cancellationToken);
            count += received.Count;
            if (received.EndOfMessage) { return JsonSerializer.Deserialize<JsonElement>(Encoding.UTF8.GetString(_buffer, 0, count)); }
            if (count == _buffer.Length) { throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"More than {count} bytes in one message.")); }
        }
    }
}
