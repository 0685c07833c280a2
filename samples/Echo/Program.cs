// Two nodes, known to each other by key alone, and everything a QUIC core needs: a socket, a clock and a loop.
//
//   dotnet run --project samples/Echo                              answers, and prints how to call it
//   dotnet run --project samples/Echo ADDRESS:PORT NODEID TEXT     calls
using System.Net;
using System.Text;
using Coco.Crypto;
using Coco.Quic.Connections;
using Coco.Quic.Streams;
using Echo;

using var key = IdentityKey.Generate();
return args switch
{
    [] => Answer(),
    [var address, var id, var text] when IPEndPoint.TryParse(address, out var remote) && NodeId.TryParse(id, out var node) =>
        Call(remote, node, text),
    _ => Usage(),
};

int Answer()
{
    using var loop = new Loop(new(IPAddress.Any, 4433), new EndpointOptions { Identities = [key] });
    Console.WriteLine($"call me: dotnet run --project samples/Echo 127.0.0.1:4433 {key.Id} hello");
    var connections = new List<QuicConnection>();
    while (true)
    {
        loop.Turn();
        while (loop.Endpoint.TryAccept(out var caller))
        {
            Console.WriteLine($"{caller.PeerId} called");
            connections.Add(caller);
        }
        foreach (var connection in connections)
        {
            while (connection.TryTakeStreamEvent(out var happened)) { SendBack(connection, happened.Id); }
        }
        connections.RemoveAll(static connection => connection.State is ConnectionState.Closed);
    }
}

// Takes no more than can be sent back. A full send buffer ends in a Writable event, and so here again.
static void SendBack(QuicConnection connection, long stream)
{
    int written;
    do
    {
        connection.Write(stream, connection.PeekRead(stream), fin: false, out written);
        if (connection.AdvanceRead(stream, written)) { connection.Write(stream, [], fin: true, out _); }
    }
    while (written > 0);
}

int Call(IPEndPoint remote, NodeId node, string text)
{
    using var loop = new Loop(new(IPAddress.Any, 0), new EndpointOptions());
    using var connection = loop.Endpoint.Connect(loop.PathTo(remote), new ConnectOptions(node, key), loop.Now);
    while (connection.State is ConnectionState.Handshaking) { loop.Turn(); }
    if (!connection.TryOpenStream(bidirectional: true, out var stream))
    {
        Console.Error.WriteLine($"no answer from {node}: {connection.CloseReason?.Message}");
        return 1;
    }

    connection.Write(stream, Encoding.UTF8.GetBytes(text), fin: true, out _);
    var buffer = new byte[4096];
    var ended = false;
    while (!ended && connection.State is ConnectionState.Connected)
    {
        loop.Turn();
        while (!ended && connection.Read(stream, buffer, out var read, out ended).Status is StreamReadStatus.Ok)
        {
            Console.Write(Encoding.UTF8.GetString(buffer, 0, read));
        }
    }
    Console.WriteLine();
    connection.Close(0, "thank you", loop.Now);
    loop.Turn();
    return 0;
}

static int Usage()
{
    Console.Error.WriteLine("usage: Echo [ADDRESS:PORT NODEID TEXT]");
    return 2;
}
