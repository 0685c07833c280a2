using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Coco.Traversal.PortMapping;
using Coco.Traversal.PortMapping.NatPmp;
using Coco.Traversal.PortMapping.Pcp;
using Coco.Traversal.PortMapping.Upnp;

namespace Coco.Traversal.Tests.PortMapping;

/// <summary>A router that speaks what it is told to, honestly unless told otherwise.</summary>
internal sealed class FakeRouter
{
    public static readonly NetworkAddress Address = NetworkAddress.FromIpv4(0xC0A80101, 0); // 192.168.1.1
    public static readonly NetworkAddress Client = NetworkAddress.FromIpv4(0xC0A8010A, 0); // 192.168.1.10
    public static readonly NetworkAddress Neighbour = NetworkAddress.FromIpv4(0xC0A8010B, 0); // 192.168.1.11
    public static readonly PortGateway Gateway = new(Address, Client, 24);

    public bool SpeaksPcp { get; set; }

    public bool SpeaksNatPmp { get; set; }

    public bool SpeaksUpnp { get; set; }

    public NetworkAddress External { get; set; } = NetworkAddress.FromIpv4(0xCB007101, 0); // 203.0.113.1

    public TimeSpan BootedAt { get; set; } = TimeSpan.FromSeconds(-1000);

    public uint MaxLifetime { get; set; } = 7200;

    public PcpResult PcpFailure { get; set; }

    public NatPmpResult NatPmpFailure { get; set; }

    public MappedTransport? RefusedTransport { get; set; }

    /// <summary>Answers of UPnP actions in place of the honest ones.</summary>
    public Dictionary<string, Func<MapperRequest, (int Status, string Body)>> Instead { get; } = [];

    public string ServiceName { get; set; } = ServiceType.Ip1;

    public string Location { get; set; } = "http://192.168.1.1:5000/desc.xml";

    public string ControlUrl { get; set; } = "/ctl";

    public Func<byte[], byte[]> Tamper { get; set; } = answer => answer;

    public Dictionary<(MappedTransport Transport, int Port), (NetworkAddress Client, int Port, TimeSpan Expiry)> Table { get; } = [];

    public void Reboot(TimeSpan now)
    {
        Table.Clear();
        BootedAt = now;
    }

    public uint Epoch(TimeSpan now) => (uint)(now - BootedAt).TotalSeconds;

    public byte[]? Answer(in MapperTransmit transmit, TimeSpan now)
    {
        if (transmit.Remote.Port == SsdpSearch.Port) { return SpeaksUpnp ? UpnpCodecTests.SsdpAnswer(Location) : null; }
        var request = transmit.Payload;
        if (request[0] == 2 && SpeaksPcp) { return Tamper(AnswerPcp(request, now)); }
        if (request[0] == 2 && SpeaksNatPmp) { return Tamper([0, 0x81, 0, 1, .. Bytes(Epoch(now))]); } // RFC 6886 §3.5: unsupported version
        return request[0] == 0 && SpeaksNatPmp ? Tamper(AnswerNatPmp(request, now)) : null;
    }

    public byte[] NatPmpAddress(TimeSpan now) => [0, 128, 0, (byte)NatPmpFailure, .. Bytes(Epoch(now)), .. Bytes(External.Ipv4)];

    public byte[] PcpAnnounce(TimeSpan now) => [2, 0x80, 0, 0, 0, 0, 0, 0, .. Bytes(Epoch(now)), .. new byte[12]];

    public (int Status, string Body) Answer(MapperRequest request, TimeSpan now)
    {
        if (!SpeaksUpnp) { return (0, ""); }
        if (request.SoapAction is null) { return (200, $"<root><service><serviceType>{ServiceName}</serviceType><controlURL>{ControlUrl}</controlURL></service></root>"); }
        var action = request.SoapAction[(request.SoapAction.IndexOf('#') + 1)..^1];
        return Instead.TryGetValue(action, out var instead) ? instead(request) : AnswerHonestly(action, request, now);
    }

    public (int Status, string Body) AnswerHonestly(string action, MapperRequest request, TimeSpan now)
    {
        var transport = Field(request, "NewProtocol") == "UDP" ? MappedTransport.Udp : MappedTransport.Tcp;
        var key = (transport, Number(request, "NewExternalPort"));
        switch (action)
        {
            case "GetExternalIPAddress":
                return Success($"<NewExternalIPAddress>{External.HostText}</NewExternalIPAddress>");
            case "GetSpecificPortMappingEntry":
                return Table.TryGetValue(key, out var there)
                    ? Success($"<NewInternalPort>{there.Port}</NewInternalPort><NewInternalClient>{there.Client.HostText}</NewInternalClient>")
                    : Fault(714);
            case "AddPortMapping" or "AddAnyPortMapping":
                Assert.True(NetworkAddress.TryParseHost(Field(request, "NewInternalClient"), out var client));
                if (Table.TryGetValue(key, out var taken) && taken.Client != client)
                {
                    if (action == "AddPortMapping") { return Fault(718); }
                    key.Item2 = 40_000;
                }
                var lease = Number(request, "NewLeaseDuration");
                Table[key] = (client, Number(request, "NewInternalPort"), lease == 0 ? TimeSpan.MaxValue : now + TimeSpan.FromSeconds(lease));
                return Success(action == "AddPortMapping" ? "" : $"<NewReservedPort>{key.Item2}</NewReservedPort>");
            case "DeletePortMapping":
                return Table.Remove(key) ? Success("") : Fault(714);
            default:
                return Fault(401);
        }
    }

    public static (int Status, string Body) Fault(int code) => (500, $"<s:Envelope><s:Body><s:Fault><errorCode>{code}</errorCode></s:Fault></s:Body></s:Envelope>");

    public static string Field(MapperRequest request, string name) => SoapResponse.Parse(200, Encoding.UTF8.GetBytes(request.Body)).Value(name) ?? "";

    public static int Number(MapperRequest request, string name) =>
        int.TryParse(Field(request, name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static (int Status, string Body) Success(string values) => (200, $"<s:Envelope><s:Body><u:Response>{values}</u:Response></s:Body></s:Envelope>");

    private byte[] AnswerPcp(byte[] request, TimeSpan now)
    {
        var lifetime = Math.Min(BinaryPrimitives.ReadUInt32BigEndian(request.AsSpan(4)), MaxLifetime);
        var answer = (byte[])request.Clone();
        answer.AsSpan(2, 22).Clear();
        answer[1] |= 0x80;
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(8), Epoch(now));
        if (request[1] == 0) { return answer; }
        var map = PcpMap.Read(request.AsSpan(24));
        if (PcpFailure is not PcpResult.Success || map.Transport == RefusedTransport)
        {
            answer[3] = (byte)(PcpFailure is PcpResult.Success ? PcpResult.UnsupportedProtocol : PcpFailure);
            BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(4), 30);
            return answer;
        }
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(4), lifetime);
        var port = Map(map.Transport, map.InternalPort, map.External.Port, lifetime, now);
        (map with { External = lifetime == 0 ? map.External : External.WithPort(port) }).Write(answer.AsSpan(24));
        return answer;
    }

    private byte[] AnswerNatPmp(byte[] request, TimeSpan now)
    {
        if (request[1] == 0) { return NatPmpAddress(now); }
        var transport = request[1] == 1 ? MappedTransport.Udp : MappedTransport.Tcp;
        var (inner, outer) = (BinaryPrimitives.ReadUInt16BigEndian(request.AsSpan(4)), BinaryPrimitives.ReadUInt16BigEndian(request.AsSpan(6)));
        var lifetime = Math.Min(BinaryPrimitives.ReadUInt32BigEndian(request.AsSpan(8)), MaxLifetime);
        var port = NatPmpFailure is NatPmpResult.Success ? Map(transport, inner, outer, lifetime, now) : 0;
        return [0, (byte)(128 | request[1]), 0, (byte)NatPmpFailure, .. Bytes(Epoch(now)), .. request[4..6], (byte)(port >> 8), (byte)port, .. Bytes(lifetime)];
    }

    private int Map(MappedTransport transport, int inner, int outer, uint lifetime, TimeSpan now)
    {
        var had = Table.FirstOrDefault(one => one.Key.Transport == transport && one.Value.Client == Client && one.Value.Port == inner);
        if (lifetime == 0)
        {
            if (had.Key.Port != 0) { Table.Remove(had.Key); }
            return 0;
        }
        var port = had.Key.Port != 0 ? had.Key.Port : outer;
        while (Table.TryGetValue((transport, port), out var taken) && taken.Client != Client) { port++; }
        Table[(transport, port)] = (Client, inner, now + TimeSpan.FromSeconds(lifetime));
        return port;
    }

    private static byte[] Bytes(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
