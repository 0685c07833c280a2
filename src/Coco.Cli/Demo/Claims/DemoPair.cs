using Coco.Quic.Connections;

namespace Coco.Cli.Demo.Claims;

/// <summary>Two nodes, and the connection between them as each of them has it.</summary>
internal sealed class DemoPair : IDisposable
{
    private QuicConnection? _atAlice;
    private QuicConnection? _atBob;

    public DemoNode Alice { get; } = new();

    public DemoNode Bob { get; } = new();

    public QuicConnection AtAlice => _atAlice!;

    public QuicConnection AtBob => _atBob!;

    /// <summary>Alice calls Bob; answers the time until both know each other.</summary>
    public TimeSpan Connect()
    {
        _atAlice = Alice.Connect(Bob.Address, Bob.Id);
        _atBob = null;
        var took = Run("alice and bob did not connect", () =>
            _atAlice.State is not ConnectionState.Handshaking && (_atBob is not null || Bob.Host.Endpoint.TryAccept(out _atBob)));
        DemoReport.Require(
            _atAlice.State is ConnectionState.Connected,
            $"alice did not reach bob: {_atAlice.CloseReason?.Message}");
        return took;
    }

    /// <summary>Alice hangs up, and both ends forget the connection.</summary>
    public TimeSpan Close(ulong code, string reason)
    {
        AtAlice.Close(code, reason, Alice.Host.Now);
        return Run(
            "the connection did not end",
            () => Alice.Host.Endpoint.ConnectionCount + Bob.Host.Endpoint.ConnectionCount == 0);
    }

    public TimeSpan Run(string otherwise, Func<bool> done) => DemoLoop.Until(otherwise, done, Alice, Bob);

    public void Dispose()
    {
        _atAlice?.Dispose();
        _atBob?.Dispose();
        Alice.Dispose();
        Bob.Dispose();
    }
}
