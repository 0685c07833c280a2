using System.Diagnostics;
using System.Net;
using Coco.Interop.Tests.Processes;
using Coco.Quic;
using Coco.Quic.Connections;
using Coco.Quic.Tls;
using Coco.Transport;

namespace Coco.Interop.Tests.Network;

/// <summary>Our side of a test: an endpoint in the X.509 mode on a loopback socket, driven by the test's own thread.</summary>
internal sealed class OurEnd : IDisposable
{
    private OurEnd(EndpointOptions options) => Host = new(new IPEndPoint(IPAddress.Loopback, 0), options);

    public QuicHost Host { get; }

    public int Port => Host.LocalEndPoint.Port;

    public static OurEnd Client(string alpn, QuicOptions? options = null) => new(new()
    {
        Connection = options ?? new(),
        Tls = new() { ApplicationProtocols = [alpn], X509 = new() { ServerName = "localhost" } },
    });

    public static OurEnd Server(
        string alpn, X509Credential credential, QuicOptions? options = null, AddressValidation validation = AddressValidation.Never) => new(new()
        {
            Connection = options ?? new(),
            AddressValidation = validation,
            Tls = new() { ApplicationProtocols = [alpn], ClientAuthentication = ClientAuthentication.None, X509 = new() { Credentials = [credential] } },
        });

    public QuicConnection Connect(IPEndPoint server) =>
        Host.Endpoint.Connect(Host.PathTo(server), new ConnectOptions(Target: default, Identity: null), Host.Now);

    public QuicConnection Accept(TimeSpan limit, Func<string> otherwise)
    {
        QuicConnection? connection = null;
        RunUntil(() => Host.Endpoint.TryAccept(out connection), limit, otherwise);
        return connection!;
    }

    /// <summary>Drives our side until something is so, and fails with what is known of the other side when that takes too long.</summary>
    public void RunUntil(Func<bool> isSo, TimeSpan limit, Func<string> otherwise)
    {
        var deadline = Deadline.In(limit);
        while (!isSo())
        {
            Assert.False(deadline.IsOver, $"not within {limit}: {otherwise()}");
            Host.Poll(TimeSpan.FromMilliseconds(5));
        }
    }

    /// <summary>Drives our side for some time.</summary>
    public void RunFor(TimeSpan time)
    {
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time;) { Host.Poll(TimeSpan.FromMilliseconds(5)); }
    }

    public void Dispose() => Host.Dispose();
}
