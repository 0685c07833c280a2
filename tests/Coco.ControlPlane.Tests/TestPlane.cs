using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts.Accounts;
using Coco.ControlPlane.Mails;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tests.Contracts;
using Coco.ControlPlane.Tokens;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Coco.ControlPlane.Tests;

/// <summary>A control plane for one test, on loopback and a port that the system chose, with its data in a folder that goes with it.</summary>
internal sealed class TestPlane : IAsyncDisposable
{
    private readonly string _folder;
    private ControlPlaneHost _host;

    private TestPlane(string folder, ControlPlaneHost host, ControlPlaneSettings settings, TestTime time, LogCollector log, TestMail mails)
    {
        (_folder, _host, Settings, Time, Log, Mails) = (folder, host, settings, time, log, mails);
        Http = Connect();
    }

    public ControlPlaneSettings Settings { get; }

    /// <summary>The control plane's clock, which stands until it is moved.</summary>
    public TestTime Time { get; }

    /// <summary>All that it logged.</summary>
    public LogCollector Log { get; }

    /// <summary>The mails that it sends.</summary>
    public TestMail Mails { get; }

    /// <summary>A client whose answers have to be what the OpenAPI document promises.</summary>
    public HttpClient Http { get; private set; }

    /// <summary>Another such client.</summary>
    /// <param name="address">Where it finds the control plane; by itself when null.</param>
    public HttpClient Connect(Uri? address = null) => new(new ContractHandler()) { BaseAddress = address ?? _host.Addresses[0] };

    public ControlPlaneHost Host => _host;

    public Database Database => _host.Database;

    /// <summary>Starts one.</summary>
    /// <param name="postgres">The server where it keeps its data; null for SQLite.</param>
    /// <param name="change">Changes the settings.</param>
    public static async Task<TestPlane> StartAsync(PostgreSqlServer? postgres = null, Func<ControlPlaneSettings, ControlPlaneSettings>? change = null)
    {
        var folder = Path.Combine(Path.GetTempPath(), "coco-plane-" + Guid.NewGuid().ToString("n")[..12]);
        var settings = new ControlPlaneSettings
        {
            DataDirectory = folder,
            Database = postgres is null ? null : "postgres:" + await postgres.CreateDatabaseAsync(),
            Listen = ["http://127.0.0.1:0"],
            StopDelay = TimeSpan.Zero,
            // As little as Argon2id takes: tests are about what is done, not about what it costs.
            Passwords = new() { MemoryMiB = 1, Passes = 1 },
            Rates = new() { CallerPerSecond = 100_000, AnonymousPerSecond = 100_000, CredentialsPerMinute = 100_000 },
        };
        settings.Relaying.Plans["free"] = new() { Networks = 1000, Nodes = 100_000 };
        settings = change?.Invoke(settings) ?? settings;
        // PostgreSQL instances share a secret that somebody gave them.
        if (postgres is not null) { ServerSecret.Open(settings.SecretPath, mayCreate: true).Dispose(); }
        var (time, log, mails) = (new TestTime(), new LogCollector(), new TestMail());
        return new(folder, await StartHostAsync(settings, time, log, mails), settings, time, log, mails);
    }

    /// <summary>Another instance on the same database, which must be PostgreSQL.</summary>
    public Task<ControlPlaneHost> StartSecondAsync() => StartHostAsync(Settings, Time, Log, Mails);

    /// <summary>Stops the instance and starts it again on the same data.</summary>
    public async Task RestartAsync()
    {
        await _host.DisposeAsync();
        Http.Dispose();
        _host = await StartHostAsync(Settings, Time, Log, Mails);
        Http = Connect();
    }

    /// <summary>Sends a request, whose answer has to be one that the OpenAPI document promises.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path, from the root.</param>
    /// <param name="token">The caller's token; null for none.</param>
    /// <param name="body">What is sent as JSON; null for nothing.</param>
    /// <param name="headers">Further headers.</param>
    public async Task<HttpResponseMessage> SendAsync(string method, string path, string? token = null, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new(method), path);
        if (token is not null) { request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token); }
        foreach (var (name, value) in headers) { request.Headers.TryAddWithoutValidation(name, value); }
        if (body is not null) { request.Content = JsonContent.Create(body, body.GetType(), options: ApiJson.Options); }
        return await Http.SendAsync(request);
    }

    /// <summary>Sends a request that must succeed, and reads its answer.</summary>
    public async Task<T> SendAsync<T>(string method, string path, string? token = null, object? body = null, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(method, path, token, body, headers);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return JsonSerializer.Deserialize<T>(text, ApiJson.Options)!;
    }

    /// <summary>Makes an account by its row alone, signed in, for tests that are not about signing in.</summary>
    /// <returns>Its id and a token.</returns>
    public async Task<(string Id, string Token)> CreateAccountAsync(string? email = null)
    {
        var id = Identifiers.New("acc");
        var now = Time.GetUtcNow();
        await Database.WriteAsync(session => session.ExecuteAsync($"INSERT INTO accounts (id, email, created, version) VALUES ({id}, {email ?? id + "@example.org"}, {now}, 1)"), default);
        return (id, await IssueTokenAsync(new(Identifiers.New("tok"), TokenKind.Session, id, null, null, [], now, now.AddDays(1))));
    }

    /// <summary>Makes an app by its row alone, with a token of its own.</summary>
    public async Task<(string Id, string Token)> CreateAppAsync(string account, string kind = "service", params string[] scopes)
    {
        var id = Identifiers.New("app");
        var now = Time.GetUtcNow();
        await Database.WriteAsync(session => session.ExecuteAsync($"INSERT INTO apps (id, owner_account, name, kind, created, version) VALUES ({id}, {account}, {"App"}, {kind}, {now}, 1)"), default);
        return (id, await IssueTokenAsync(new(Identifiers.New("tok"), TokenKind.Access, null, id, null, [.. scopes], now, now.AddDays(1))));
    }

    /// <summary>Registers a person as people do: by the mail's code.</summary>
    /// <returns>The session that this began.</returns>
    public async Task<SessionToken> RegisterAsync(string email, string password)
    {
        using var asked = await SendAsync("POST", "/v1/accounts", body: new Credentials(email, password));
        Assert.Equal(System.Net.HttpStatusCode.Accepted, asked.StatusCode);
        return await SendAsync<SessionToken>("POST", "/v1/accounts/confirm", body: new AccountConfirmation(await Mails.NextCodeAsync(), password));
    }

    public async Task<string> IssueTokenAsync(Token token) =>
        (await Database.WriteAsync(session => TokenStore.IssueAsync(session, token), default)).Text;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static Task<ControlPlaneHost> StartHostAsync(ControlPlaneSettings settings, TestTime time, LogCollector log, TestMail mails) => ControlPlaneHost.StartAsync(
        settings,
        builder =>
        {
            builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time));
            if (settings.Mail.Server is null) { builder.Services.AddSingleton<IMailSender>(mails); }
            builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        });
}
