using System.Net;
using System.Net.Sockets;
using System.Text;
using Coco.ControlPlane.Client;
using Coco.ControlPlane.Client.Contracts.Apps;
using Coco.ControlPlane.Tests.Networks;
using Coco.Crypto;

namespace Coco.ControlPlane.Tests.Operations;

public sealed class TelemetryTests
{
    [Fact]
    public async Task A_collector_gets_metrics_and_traces_and_nothing_of_who_asked()
    {
        using var collector = new HttpListener();
        var port = Start(collector);
        var received = CollectAsync(collector);
        string[] personal;
        await using (var plane = await TestPlane.StartAsync(null, settings => settings with { OtlpEndpoint = $"http://127.0.0.1:{port}" })) { personal = await UseAsync(plane); }
        collector.Stop();

        var all = await received.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Contains(all, one => one.Path == "/v1/metrics" && one.Body.Contains("http.server.request.duration", StringComparison.Ordinal));
        foreach (var route in (string[])["GET /v1/service", "GET /v1/networks/{network}/nodes/{node}", "POST /v1/sessions", "GET /v1/invitations/{invitation}"])
        {
            Assert.Contains(all, one => one.Path == "/v1/traces" && one.Body.Contains(route, StringComparison.Ordinal)); // it does tell of what was asked
        }
        foreach (var text in personal) { Assert.All(all, one => Assert.DoesNotContain(text, one.Body, StringComparison.OrdinalIgnoreCase)); }
    }

    // From an address of its own, by everything that names somebody.
    private static async Task<string[]> UseAsync(TestPlane plane)
    {
        const string Address = "127.0.0.77";
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = static async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse(Address), 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var http = new HttpClient(handler) { BaseAddress = plane.Http.BaseAddress };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("Peculiar/7.7");
        var (account, token) = await plane.CreateAccountAsync("ada@example.org");
        var client = new ControlPlaneClient(http, _ => new(token), plane.Time);
        using var key = IdentityKey.Generate();
        using var node = IdentityKey.Generate();
        using var home = await NetworkAuthority.CreateAsync(client, key, new() { Name = "lovelace-family" });
        await home.CertifyAsync(Developer.Information(home.Network, "phone-of-ada", node));
        await client.GetNodeAsync(home.Network, node.Id);
        var link = await home.InviteAsync();
        await client.GetInvitationAsync(link.Invitation);
        await client.CreateInvitationNoteAsync(home.Network, link.Invitation, "grace@example.com");
        var app = await client.CreateAppAsync(new("Thermostats", AppKind.Service, ["https://app.example/callback"]));
        await client.GetServiceAsync();
        await Assert.ThrowsAsync<ControlPlaneException>(() => client.CreateSessionAsync(new("ada@example.org", "a password of ada")));
        await Assert.ThrowsAsync<ControlPlaneException>(() => client.ListNodesAsync(home.Network, new() { ExternalUserId = "x", User = home.User.ToString() }));
        Assert.Contains(plane.Log.Lines, static line => line.Contains("createSession", StringComparison.Ordinal));
        return
        [
            Address, "Peculiar", "ada@example.org", "grace@example.com", "example.org", "example.com", "lovelace", "phone-of-ada", "a password of ada", token, account, account[4..],
            home.Network.ToString(), home.User.ToString(), node.Id.ToString(), link.Invitation, app.App.Id, app.Secret!, "app.example",
        ];
    }

    private static int Start(HttpListener collector)
    {
        for (var attempt = 0; ; attempt++)
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var port = ((IPEndPoint)probe.LocalEndpoint).Port;
            probe.Stop();
            collector.Prefixes.Clear();
            collector.Prefixes.Add($"http://127.0.0.1:{port}/");
            try
            {
                collector.Start();
                return port;
            }
            catch (HttpListenerException) when (attempt < 5)
            {
            }
        }
    }

    private static async Task<List<(string Path, string Body)>> CollectAsync(HttpListener collector)
    {
        var received = new List<(string, string)>();
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await collector.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return received;
            }
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            received.Add((context.Request.Url!.AbsolutePath, Encoding.Latin1.GetString(body.ToArray())));
            context.Response.Close();
        }
    }
}
