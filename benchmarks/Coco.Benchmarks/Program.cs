using Coco.Benchmarks.Quic;

return args switch
{
    ["quic-rx", .. var rest] => QuicEnds.Receive(rest),
    ["quic-tx", .. var rest] => QuicEnds.Send(rest),
    ["quic-handshakes", .. var rest] => QuicEnds.Handshakes(rest),
    ["quic-idle", .. var rest] => QuicEnds.Idle(rest),
    ["quic-datagrams", .. var rest] => QuicEnds.Datagrams(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: bench NAME [--json]");
    return 2;
}
