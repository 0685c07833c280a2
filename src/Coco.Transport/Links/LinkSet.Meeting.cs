using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Transport.Links;

/// <summary>
/// Two ends that dial each other from their listening ports. One pair of addresses can be connected once, so there is one connection:
/// both sockets met (RFC 9293 §3.5, figure 8), or one end's packet found the other's listener before that end had dialled. There the
/// system refuses to connect, and the connection that was accepted is the answer.
/// </summary>
internal sealed partial class LinkSet
{
    /// <summary>Answers a request with the link that the other end opened, which is there or comes within the deadline.</summary>
    private async Task MeetAsync(int request, NetworkAddress remote, CancellationToken cancellationToken)
    {
        var meeting = new Meeting(request);
        Entry? met;
        lock (_gate)
        {
            met = TcpLinkTo(remote);
            if (met is null && !_meetings.TryAdd(remote, meeting))
            {
                throw new LinkException(LinkFailure.Policy, "a link to that address is being opened already");
            }
        }
        if (met is not null)
        {
            await met.Announced.Task.ConfigureAwait(false);
            AnnounceOpened(request, met.Link.Link);
            return;
        }
        try
        {
            await meeting.Done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!TryForget(remote, meeting))
        {
            // It was answered at the last moment.
        }
    }

    private bool TryForget(in NetworkAddress remote, Meeting meeting)
    {
        lock (_gate) { return _meetings.TryGetValue(remote, out var known) && known == meeting && _meetings.Remove(remote); }
    }

    private Entry? TcpLinkTo(in NetworkAddress remote)
    {
        foreach (var (_, entry) in _links)
        {
            if (entry.Link.Link.Kind is LinkKind.Tcp && entry.Link.Link.Remote == remote) { return entry; }
        }
        return null;
    }
}
