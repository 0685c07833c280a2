namespace Coco.Cluster.Tests;

/// <summary>Damages right bytes for fuzz tests: flipped, cut, grown, copied over, or all made up.</summary>
internal static class Mutation
{
    public static byte[] Of(byte[] seed, Random random)
    {
        var bytes = (byte[])seed.Clone();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            switch (random.Next(7))
            {
                case 0 when bytes.Length > 0: bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8)); break;
                case 1 when bytes.Length > 0: bytes[random.Next(bytes.Length)] = (byte)random.Next(256); break;
                case 2: bytes = bytes[..random.Next(bytes.Length + 1)]; break;
                case 3: bytes = [.. bytes, .. Random(random, random.Next(40))]; break;
                case 4 when bytes.Length > 0: bytes[random.Next(bytes.Length)] = 0xFF; break;
                case 5 when bytes.Length > 1:
                    var (from, to) = (random.Next(bytes.Length), random.Next(bytes.Length));
                    var length = random.Next(bytes.Length - Math.Max(from, to));
                    bytes.AsSpan(from, length).CopyTo(bytes.AsSpan(to));
                    break;
                case 6 when random.Next(8) == 0: bytes = Random(random, random.Next(200)); break;
            }
        }
        return bytes;
    }

    private static byte[] Random(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
