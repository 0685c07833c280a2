namespace Coco.Traversal.PortMapping.NatPmp;

/// <summary>Notices from the seconds in responses that a router has restarted (RFC 6886 §3.6).</summary>
internal struct NatPmpEpoch
{
    private bool _isKnown;
    private uint _server;
    private TimeSpan _client;

    /// <summary>Takes the epoch of a response. False when it is over two seconds less than seven eighths of our own clock lets us expect.</summary>
    public bool Observe(uint server, TimeSpan now)
    {
        var expected = _server + ((long)(now - _client).TotalSeconds * 7 / 8);
        var isValid = !_isKnown || server + 2L >= expected;
        (_isKnown, _server, _client) = (true, server, now);
        return isValid;
    }
}
