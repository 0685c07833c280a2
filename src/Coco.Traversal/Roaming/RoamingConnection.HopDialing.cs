using Coco.Traversal.Links;

namespace Coco.Traversal.Roaming;

/// <content>Calls through the mesh, until one of the ways has an answer.</content>
internal sealed partial class RoamingConnection
{
    private static readonly TimeSpan HandshakeWait = TimeSpan.FromSeconds(2); // chosen: two transmissions of the first flight, and their answer

    private bool _isMeshAwaited; // the call waits for a way through the mesh
    private TimeSpan _nextHopAt = TimeSpan.MaxValue; // when a call that a hop let through and nobody answers goes by another as well

    private void DialThroughMesh(TimeSpan now)
    {
        if (!_target!.ViaMesh) { return; }
        (_usesMesh, _isMeshAwaited) = (true, true);
        _dialer!.AddPending();
        AskMesh(now);
    }

    // Whoever opened it may yet drop all that is to be passed on.
    private void DialBy(in PathAddress way, TimeSpan now)
    {
        StopAwaitingMesh();
        _dialer!.Add(way, now);
        _avoid.Add(_endpoint.NextHopOf(way));
        (_isRouteNew, _nextHopAt) = (false, now + HandshakeWait);
        _endpoint.SetTimer(this);
    }

    private void TryAnotherHop(TimeSpan now)
    {
        _nextHopAt = TimeSpan.MaxValue;
        if (_dialer is null || _isMeshAwaited || _isSessionAsked) { return; }
        if (!_endpoint.TryRoute(this, _avoid, out var neighbour, out var aim))
        {
            if (now + HandshakeWait < _callUntil) { _nextHopAt = now + HandshakeWait; } // the graph may know more by then
            return;
        }
        _isMeshAwaited = true;
        _dialer.AddPending();
        if (!TryOpen(neighbour!, aim, now)) { StopAwaitingMesh(); }
        ReleaseMeshLater(now); // one of them will be of no use
    }

    private void StopAwaitingMesh()
    {
        if (!_isMeshAwaited) { return; }
        _isMeshAwaited = false;
        _dialer?.RemovePending();
    }
}
