using Coco.Lab.Simulated;
using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>Opens links when asked, remembers what became of them, and sends datagrams over them.</summary>
internal sealed class LinkProgram : TestProgram
{
    public List<Link> Opened { get; } = [];

    public List<Link> Accepted { get; } = [];

    public List<LinkFailure> Failed { get; } = [];

    public List<Link> Closed { get; } = [];

    public List<byte[]> Arrived { get; } = [];

    /// <summary>A link of either direction.</summary>
    public Link? Any => Opened.Concat(Accepted).Cast<Link?>().FirstOrDefault();

    public void OpenTcp(string remote, bool fromListeningPort = false) =>
        Ask(new HostCommand.OpenTcp(1, SimulatedInternet.Address(remote), fromListeningPort));

    public void OpenTcp(NetworkAddress remote, bool fromListeningPort) => Ask(new HostCommand.OpenTcp(1, remote, fromListeningPort));

    public void OpenWebSocket(string url) => Ask(new HostCommand.OpenWebSocket(2, url));

    public void Close(Link link) => Ask(new HostCommand.CloseLink(link));

    public void SendOn(Link link, byte[] data) => Send(link, data);

    public override void HandleLinkOpened(int request, in Link link, TimeSpan now) => Opened.Add(link);

    /// <summary>Whether links of others may stay.</summary>
    public bool KeepsLinks { get; init; } = true;

    public override void HandleLinkAccepted(in Link link, TimeSpan now)
    {
        Accepted.Add(link);
        if (KeepsLinks) { Ask(new HostCommand.KeepLink(link)); }
    }

    public override void HandleLinkFailed(int request, LinkFailure failure, TimeSpan now) => Failed.Add(failure);

    public override void HandleLinkClosed(in Link link, TimeSpan now) => Closed.Add(link);

    protected override void HandleDatagram(Link link, byte[] data, TimeSpan now) => Arrived.Add(data);
}
