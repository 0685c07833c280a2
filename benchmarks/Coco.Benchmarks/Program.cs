Console.WriteLine("usage: bench NAME [--json]");
