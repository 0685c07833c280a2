namespace Coco.Traversal.PortMapping.Pcp;

/// <summary>Notices from the seconds in responses that a server has lost its state (RFC 6887 §8.5).</summary>
internal struct PcpEpoch
{
    private bool _isKnown;
    private uint _server;
    private TimeSpan _client;

    /// <summary>Takes the epoch of a response. False when the server has lost what it knew since the last one.</summary>
    public bool Observe(uint server, TimeSpan now)
    {
        var isValid = !_isKnown || IsValid(server, (long)(now - _client).TotalSeconds);
        (_isKnown, _server, _client) = (true, server, now);
        return isValid;
    }

    private readonly bool IsValid(uint server, long clientDelta)
    {
        // One second back is forgiven: two responses that overtook each other.
        var serverDelta = (long)server - _server;
        if (serverDelta < -1) { return false; }
        // Both clocks may be a sixteenth wrong, and two seconds late.
        return clientDelta + 2 >= serverDelta - (serverDelta / 16) && serverDelta + 2 >= clientDelta - (clientDelta / 16);
    }
}
