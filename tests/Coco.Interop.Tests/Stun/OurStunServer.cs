using System.Net;
using System.Net.Sockets;
using Coco.Traversal;
using Coco.Traversal.Stun;

namespace Coco.Interop.Tests.Stun;

/// <summary>Our server on two addresses with two ports each, on a thread of its own.</summary>
internal sealed class OurStunServer : IDisposable
{
    private readonly Dictionary<Socket, NetworkAddress> _sockets = [];
    private readonly Thread _thread;
    private volatile bool _stopping;

    public OurStunServer(StunLab lab)
    {
        foreach (var address in new[] { StunLab.FirstAddress, StunLab.SecondAddress })
        {
            foreach (var port in new[] { StunLab.FirstPort, StunLab.SecondPort })
            {
                _sockets.Add(StunLab.Bind(lab.Server, address, port), ProbingHost.Address($"{address}:{port}"));
            }
        }
        _thread = new(Serve) { IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        foreach (var socket in _sockets.Keys) { socket.Dispose(); }
    }

    private void Serve()
    {
        var (request, answer) = (new byte[2048], new byte[StunServer.MaxAnswerLength]);
        var ready = new List<Socket>();
        while (!_stopping)
        {
            ready.Clear();
            ready.AddRange(_sockets.Keys);
            Socket.Select(ready, null, null, TimeSpan.FromMilliseconds(50));
            foreach (var socket in ready)
            {
                EndPoint from = new IPEndPoint(IPAddress.Any, 0);
                var received = socket.ReceiveFrom(request, ref from);
                var own = new StunServerAddresses(_sockets[socket], Opposite(_sockets[socket]));
                if (!StunServer.TryAnswer(request.AsSpan(0, received), ProbingHost.Address(from.ToString()!), own, answer, out var length, out var change)) { continue; }
                _sockets.First(pair => pair.Value == own.From(change)).Key.SendTo(answer.AsSpan(0, length), SocketFlags.None, from);
            }
        }
    }

    private NetworkAddress Opposite(NetworkAddress address) => _sockets.Values.Single(one => !one.HasSameHost(address) && one.Port != address.Port);
}
