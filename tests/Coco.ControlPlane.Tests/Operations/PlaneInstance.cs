using System.Net;
using Coco.Traversal.Relays;

namespace Coco.ControlPlane.Tests.Operations;

/// <summary>One of several instances: whichever process is it now, its relay is the same, at the same places.</summary>
internal sealed class PlaneInstance(Func<Task<PlaneProcess>> start, RelayInfo byUdp, RelayInfo byWebSocket, IPEndPoint[] places) : IDisposable
{
    private readonly List<PlaneProcess> _processes = [];

    /// <summary>The relay's addresses alone.</summary>
    public RelayInfo ByUdp { get; } = byUdp;

    /// <summary>The relay's URL alone.</summary>
    public RelayInfo ByWebSocket { get; } = byWebSocket;

    public PlaneProcess Process => _processes[^1];

    public HttpClient Http => Process.Http;

    public async Task StartAsync() => _processes.Add(await start());

    public bool IsAt(IPEndPoint? place) => places.Contains(place);

    public void Dispose() => _processes.ForEach(static process => process.Dispose());
}
