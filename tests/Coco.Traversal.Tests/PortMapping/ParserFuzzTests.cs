using System.Text;
using Coco.Traversal.PortMapping.NatPmp;
using Coco.Traversal.PortMapping.Pcp;
using Coco.Traversal.PortMapping.Upnp;

namespace Coco.Traversal.Tests.PortMapping;

/// <summary>Damaged messages, seeded: parsers answer and never throw, and the mapper as a whole neither floods nor stalls.</summary>
public sealed class ParserFuzzTests
{
    private static readonly int Count = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 1_000_000 : 20_000;

    private static readonly byte[] Map = Convert.FromHexString(
        "0281000000000e1000000064000000000000000000000000" + "0102030405060708090a0b0c" + "0600000001bb9c4000000000000000000000ffffcb007101");

    private static readonly byte[] NatPmpMap = Convert.FromHexString("00810000000000641770177100000e10");
    private static readonly byte[] Answer = UpnpCodecTests.SsdpAnswer("http://192.168.1.1:5000/desc.xml");
    private static readonly byte[] Description = Encoding.UTF8.GetBytes(UpnpCodecTests.Description);
    private static readonly byte[] Fault = Encoding.UTF8.GetBytes(FakeRouter.Fault(718).Body);

    [Fact]
    public void PCP_responses() => Fuzz(Map, input =>
    {
        if (PcpResponse.TryParse(input, out var response)) { Assert.Equal(input[0] == 2 && input[1] == 0x81, response.Map is not null); }
    });

    [Fact]
    public void NAT_PMP_responses() => Fuzz(NatPmpMap, input =>
    {
        if (NatPmpResponse.TryParse(input, out var response)) { Assert.Equal((0, input[1] & 0x7F), (input[0], response.Opcode)); }
    });

    [Fact]
    public void SSDP_responses() => Fuzz(Answer, input =>
    {
        if (!SsdpSearch.TryParseResponse(input, out var location)) { return; }
        Assert.True(location.Server.IsSendable);
        Assert.StartsWith("/", location.Path);
        Assert.DoesNotContain(location.Path, character => character is <= ' ' or > '~');
    });

    [Fact]
    public void Device_descriptions()
    {
        Assert.True(HttpAddress.TryParse("http://192.168.1.1:5000/desc.xml", out var location));
        Fuzz(Description, input =>
        {
            foreach (var (type, control) in DeviceDescription.Parse(input, location))
            {
                Assert.True(ServiceType.IsWanConnection(type));
                Assert.DoesNotContain(control.Path, character => character is <= ' ' or > '~');
            }
        });
    }

    [Fact]
    public void Control_responses() => Fuzz(Fault, input =>
    {
        var response = SoapResponse.Parse(500, input);
        _ = (response.Error, response.Port("NewReservedPort"), response.Value("errorDescription"));
    });

    [Fact]
    public void The_scanner_comes_to_an_end_within_one_token_for_each_character() => Fuzz(Description, input =>
    {
        var text = Encoding.UTF8.GetString(input);
        var scanner = new XmlScanner(text);
        var tokens = 0;
        while (scanner.Read() != XmlToken.None) { tokens++; }
        Assert.True(tokens <= text.Length);
    });

    [Fact]
    public void A_mapper_that_hears_only_damaged_answers_neither_throws_nor_floods()
    {
        var random = new Random(11);
        for (var seed = 0; seed < Count / 1000; seed++)
        {
            var router = new FakeRouter { SpeaksPcp = seed % 3 == 0, SpeaksNatPmp = seed % 3 == 1, SpeaksUpnp = seed % 3 == 2 };
            router.Tamper = answer => random.Next(3) == 0 ? answer : Damage(random, answer);
            foreach (var action in new[] { "GetExternalIPAddress", "GetSpecificPortMappingEntry", "AddPortMapping", "DeletePortMapping" })
            {
                router.Instead[action] = request =>
                {
                    var (status, body) = router.AnswerHonestly(action, request, TimeSpan.Zero);
                    return random.Next(3) == 0 ? (status, body) : (random.Next(2) == 0 ? 200 : 500, Encoding.Latin1.GetString(Damage(random, Encoding.Latin1.GetBytes(body))));
                };
            }
            var drive = new MapperDrive(router);
            drive.RunFor(TimeSpan.FromHours(1));
            Assert.InRange(drive.Sent.Count + drive.Requests.Count, 1, 2000);
            drive.Stop();
            drive.RunFor(TimeSpan.FromSeconds(2));
            Assert.True(drive.Mapper.IsStopped, $"seed {seed}");
        }
    }

    private static void Fuzz(byte[] valid, Action<byte[]> parse)
    {
        var random = new Random(7);
        for (var i = 0; i < Count; i++)
        {
            var input = Damage(random, valid);
            try { parse(input); }
            catch (Exception exception) { throw new InvalidOperationException($"input {i} ({Convert.ToHexString(input)}) failed", exception); }
        }
    }

    private static byte[] Damage(Random random, byte[] input)
    {
        var output = input.ToList();
        for (var turns = random.Next(1, 6); turns > 0; turns--)
        {
            var at = random.Next(output.Count + 1);
            switch (random.Next(6))
            {
                case 0 when at < output.Count: output[at] = (byte)random.Next(256); break;
                case 1 when at < output.Count: output[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: output.RemoveRange(at, Math.Min(random.Next(40), output.Count - at)); break;
                case 3: output.InsertRange(at, output.GetRange(0, Math.Min(random.Next(60), output.Count))); break;
                case 4: output.Insert(at, "<>&;:/\"'\r\n\0"u8[random.Next(11)]); break;
                default: output.RemoveRange(at, output.Count - at); break;
            }
        }
        return [.. output];
    }
}
