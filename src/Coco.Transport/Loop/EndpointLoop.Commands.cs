using System.Net;
using System.Net.Sockets;
using Coco.Traversal.Links;

namespace Coco.Transport.Loop;

/// <summary>What the core asks of the host.</summary>
internal sealed partial class EndpointLoop
{
    private readonly HashSet<int> _extra = []; // sockets that the core asked for

    private void RunCommands()
    {
        while (Core.TryTakeCommand(out var command))
        {
            switch (command)
            {
                case HostCommand.OpenTcp open: _links.OpenTcp(open.Request, open.Remote, open.FromListeningPort); break;
                case HostCommand.OpenWebSocket open: _links.OpenWebSocket(open.Request, open.Url); break;
                case HostCommand.KeepLink keep: _links.MarkAuthenticated(keep.Link); break;
                case HostCommand.CloseLink close: _links.Close(close.Link); break;
                case HostCommand.OpenSockets open: OpenSockets(open); break;
                case HostCommand.CloseSocket close: CloseSocket(close.Number); break;
            }
        }
    }

    private void OpenSockets(HostCommand.OpenSockets open)
    {
        var opened = new List<LocalSocket>(open.Count);
        try
        {
            while (opened.Count < open.Count)
            {
                var channel = _network.CreateUdp(new(open.IsIpv4 ? IPAddress.Any : IPAddress.IPv6Any, 0), Options.Udp);
                Watch(channel);
                _extra.Add(channel.Number);
                opened.Add(ToLocalSocket(channel));
            }
        }
        catch (SocketException exception)
        {
            Logger.SocketsRefused(opened.Count, open.Count, exception.Message); // the core does with what there is
        }
        Core.HandleSocketsOpened(open.Request, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(opened), Now);
    }

    private void CloseSocket(int number)
    {
        if (!_extra.Remove(number) || !_byNumber.Remove(number, out var channel)) { return; }
        _poller.Remove(channel);
        channel.Dispose();
    }
}
